"""Text messages: consent to them, phone by phone, and what became of each."""

from datetime import datetime
from typing import Literal

from contracts.notify.choices import ChoicesView
from contracts.wire import Command, View

TextSwitch = Literal["not_offered", "no_phone", "not_a_number", "off", "on", "blocked", "invalid"]
"""Where a customer's texts stand.

`not_offered`: the business sends no texts. `no_phone`: no number is on file. `not_a_number`: what is on file is none
that can be called. `blocked`: the carrier refuses our texts since the phone answered STOP; only START from the phone
lifts it. `invalid`: the number is on file, and Twilio says that no text can reach it.
"""

ConsentAction = Literal["opt_in", "opt_out"]
ConsentSource = Literal["portal", "text", "carrier", "phone_changed"]
"""Who or what changed it: the page, a text from the phone, the carrier's block, or another number on file."""

TextKind = Literal["opt_in_confirmation", "visit_reminder"]
TextState = Literal["queued", "sent", "delivered", "failed", "withdrawn"]
"""`sent`: Twilio took it. `delivered`: the phone has it, says the carrier. `withdrawn`: consent or reason is gone."""


class ConsentText(View):
    """The words that a customer agrees to, and their version."""

    version: str
    text: str


class ConsentEntry(View):
    """One line of the consent passport. `text` is what was agreed to, or the text message by which it was changed."""

    entry_id: str
    number: str
    number_shown: str
    action: ConsentAction
    source: ConsentSource
    text: str
    text_version: str
    occurred_at: datetime
    ip_address: str
    user_agent: str


class NotificationsView(View):
    """Everything the Notifications page shows.

    `phone` is what is on file, `number` its E.164 form where it has one, `number_shown` as people of its country write
    it. `quiet_until` is set while no text is sent at that phone's place, with the zone that `quiet_zone` names.
    `text_us_at` is the number that texts come from, where it is known.
    """

    switch: TextSwitch
    phone: str | None
    number: str | None
    number_shown: str | None
    consent: ConsentText
    history: list[ConsentEntry]
    email: str | None
    choices: ChoicesView
    quiet_until: datetime | None = None
    quiet_zone: str | None = None
    text_us_at: str | None = None


class GetNotifications(Command[NotificationsView]):
    """A customer's texts, choices and consent passport, the newest 100 entries first. A customer of whom notify has not
    heard yet is answered as one without phone and address.
    """

    customer_id: str


class TurnTextsOn(Command[NotificationsView]):
    """A customer agrees to texts to the number on file. `number` and `consent_version` are those of the page.

    Repeating it changes nothing. Refused with `invalid` (field `agreed`) without consent, with `conflict` when number
    or words have changed since the page was made, with `wrong_state` where no text can be sent to the number.
    """

    customer_id: str
    number: str
    consent_version: str
    agreed: bool
    ip_address: str = ""
    user_agent: str = ""


class TurnTextsOff(Command[NotificationsView]):
    """A customer wants no more texts. Repeating it changes nothing, and it is never refused."""

    customer_id: str
    ip_address: str = ""
    user_agent: str = ""


class TextView(View):
    """One text message. Its words are kept until it is out."""

    text_id: str
    customer_id: str
    kind: TextKind
    to: str
    state: TextState
    attempts: int
    created_at: datetime
    source_id: str
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    last_error: str | None = None


class TextPage(View):
    """Some texts; `next_cursor` leads to older ones."""

    texts: list[TextView]
    next_cursor: str | None = None


class ListTexts(Command[TextPage]):
    """Texts newest first, of one customer or all, in one state or any; 1 to 500 a page."""

    customer_id: str | None = None
    state: TextState | None = None
    cursor: str | None = None
    limit: int = 50


class TextAnswer(View):
    """An incoming text is kept (or was kept before). `reply` is what its sender is to read, None for nothing."""

    reply: str | None
    duplicate: bool


class ReceiveText(Command[TextAnswer]):
    """Twilio's webhook of an incoming text: the address it was sent to, as the public knows it, the form's fields and
    the header X-Twilio-Signature. Refused with `invalid` when forged.
    """

    url: str
    fields: dict[str, str]
    signature: str


class TextStatusTaken(View):
    """A report is kept, or was of no text of ours."""

    known: bool


class ReceiveTextStatus(Command[TextStatusTaken]):
    """Twilio's webhook on what became of a text. Reports may come twice, in any order. Refused as `ReceiveText` is."""

    url: str
    fields: dict[str, str]
    signature: str
