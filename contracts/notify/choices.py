"""Which messages a customer wants, and by which way."""

from typing import Literal

from contracts.wire import Command, View

EmailChoice = Literal["invoice_sent", "visit_reminder", "statement_ready", "card_expiring"]
"""The e-mails that a customer may do without. All others are always sent: receipts, links and other matters of
security, and auto-pay's notices, without which nothing may be charged.
"""

ReminderWay = Literal["email", "text", "both", "none"]
"""How the reminder of a visit comes. Where it was to come by text and texts are off, it comes by e-mail."""


class ChoicesView(View):
    """What a customer chose. `emails` are the ones wanted among those there is a choice of; `visit_reminder` None: no
    choice was made, so it comes by e-mail, and by text as well while texts are on.
    """

    emails: list[EmailChoice]
    visit_reminder: ReminderWay | None = None


class ChooseNotifications(Command[ChoicesView]):
    """Set all choices at once; repeating it changes nothing. `emails` names the wanted ones; of the reminder of a
    visit `visit_reminder` decides, whatever `emails` says of it.
    """

    customer_id: str
    emails: list[EmailChoice]
    visit_reminder: ReminderWay


class Unsubscribing(View):
    """What a link at the foot of an e-mail switches off, and for which address."""

    kind: EmailChoice
    email: str | None
    is_off: bool


class InspectUnsubscribing(Command[Unsubscribing]):
    """Look at what an unsubscribe link would do, without doing it. Refused with `link_not_valid`."""

    token: str


class Unsubscribe(Command[Unsubscribing]):
    """Switch one kind of e-mail off for the customer whom the signed `token` names. The token is good for ever, since
    an old e-mail's link has to work; repeating it changes nothing. Refused with `link_not_valid`.
    """

    token: str
