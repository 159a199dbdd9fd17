"""Auto-pay: invoices are charged to a saved card by themselves, by the customer's consent."""

from datetime import date, datetime
from typing import Literal

from contracts.imports import Origin
from contracts.payments.cards import CardView
from contracts.payments.paying import Decline
from contracts.wire import Command, View

AutoPayState = Literal["off", "on", "paused"]
PauseReason = Literal["declined", "card_removed", "disputed"]
ChargeState = Literal[
    "scheduled",
    "charging",
    "retrying",
    "declined",
    "needs_customer",
    "above_maximum",
    "below_minimum",
    "skipped",
    "left",
    "paid",
    "settled",
    "void",
]
ConsentAction = Literal["enrolled", "changed", "cancelled", "invoice_opted_in"]


class ScheduledCharge(View):
    """One invoice that auto-pay is to charge, or is not to charge and says why. Amounts in minor units.

    `amount_minor` is what is open by what is known now; never more than `most_minor`, what the customer was told, is
    charged. `charge_on` is the day of the next try, in the business's time zone: None where nothing is tried by itself.

    scheduled: on `charge_on`. charging: money is on its way. retrying: declined, tried again on `charge_on`.
    declined: it waits for another card. needs_customer: the bank asks its holder to confirm; it is to be paid by hand.
    above_maximum, skipped: not charged. below_minimum: too small for a card. left: the invoice was reopened and is not
    charged until the customer opts it in again.
    """

    invoice_id: str
    number: str
    currency: str
    amount_minor: int
    due_on: date
    state: ChargeState
    charge_on: date | None = None
    most_minor: int | None = None
    attempts: int = 0
    payment_id: str | None = None
    decline: Decline | None = None
    can_skip: bool = False
    can_opt_in: bool = False


class AutoPayView(View):
    """A customer's auto-pay. `card` is charged; None while it is off, or paused for want of a card.

    `upcoming` are the open invoices that it knows of, by the day of their charge, at most 100, those that it does not
    charge last; `next_charge` the first that will be charged. `invoices_charged` says when: "due", or "sent" where the
    owner chose so. `time_of_day` is the business's ("09:00").
    """

    customer_id: str
    state: AutoPayState
    currency: str
    minimum_minor: int
    time_of_day: str
    invoices_charged: Literal["due", "sent"]
    as_of: date
    card: CardView | None = None
    maximum_minor: int | None = None
    includes_balance: bool = False
    enrolled_at: datetime | None = None
    paused_at: datetime | None = None
    pause_reason: PauseReason | None = None
    consent_version: str | None = None
    consent_text: str | None = None
    next_charge: ScheduledCharge | None = None
    upcoming: list[ScheduledCharge] = []


class ConsentRecord(View):
    """What a customer agreed to, when and from where. Kept for good, never changed."""

    consent_id: str
    action: ConsentAction
    recorded_at: datetime
    version: str
    text: str
    ip_address: str
    user_agent: str
    source: str
    card: str
    maximum_minor: int | None = None
    includes_balance: bool = False
    invoice_id: str | None = None


class ConsentHistory(View):
    """Everything a customer ever agreed to about auto-pay, the latest first, at most 500."""

    records: list[ConsentRecord]


class GetAutoPay(Command[AutoPayView]):
    """A customer's auto-pay and what it is going to do."""

    customer_id: str


class ListAutoPayConsents(Command[ConsentHistory]):
    """For the page and for "download my data": the customer's consents."""

    customer_id: str


class EnrollAutoPay(Command[AutoPayView]):
    """Turn auto-pay on: invoices sent from now on are charged to this card, with `include_balance` what is open now
    too. `consent_text` is what the customer read, kept as it is with its version, the time and the address.

    `key` was made when the form was rendered: the same again changes nothing. Where it is on already, card, maximum
    and text are replaced. `maximum_minor` None: no maximum. `origin` import: an enrolment that was brought along, about
    which nobody is written to. Refused `not_found` (the card, `field` card_id), `invalid` with `field`,
    `amount_too_small` (a maximum below what cards can be charged), `key_reused`.
    """

    key: str
    customer_id: str
    card_id: str
    consent_text: str
    consent_version: str
    maximum_minor: int | None = None
    include_balance: bool = False
    ip_address: str = ""
    user_agent: str = ""
    source: str = "portal"
    origin: Origin = "portal"


class ChangeAutoPay(Command[AutoPayView]):
    """Give auto-pay this card and this maximum. With another card what was declined is tried at once; where auto-pay is
    paused it goes on, and what was declined is tried at once with any card. An invoice that was above the maximum and
    is not any more is scheduled anew.

    Refused `wrong_state` while it is off; otherwise as `EnrollAutoPay`.
    """

    customer_id: str
    card_id: str
    maximum_minor: int | None = None
    ip_address: str = ""
    user_agent: str = ""
    source: str = "portal"


class CancelAutoPay(Command[AutoPayView]):
    """Turn auto-pay off: nothing further is charged; what is on its way goes on. Repeating it changes nothing."""

    customer_id: str
    ip_address: str = ""
    user_agent: str = ""
    source: str = "portal"


class SkipCharge(Command[AutoPayView]):
    """Do not charge this invoice: it stays open, to be paid by hand. Repeating it changes nothing.

    Refused `not_found`, `wrong_state` once its charge is on its way or done.
    """

    customer_id: str
    invoice_id: str


class UnskipCharge(Command[AutoPayView]):
    """Charge a skipped invoice after all: on its day, or where that has come, in three days' time. Repeating it changes
    nothing. Refused `not_found`, `wrong_state` while auto-pay is not on.
    """

    customer_id: str
    invoice_id: str


class MoveCharge(Command[AutoPayView]):
    """Charge this invoice on another day: from tomorrow to 31 days after it is due or today, whichever is later.

    Refused `not_found`, `wrong_state` unless it is scheduled, `invalid` with field `charge_on`.
    """

    customer_id: str
    invoice_id: str
    charge_on: date


class OptInvoiceIn(Command[AutoPayView]):
    """Let auto-pay charge an invoice that it does not charge by itself: one that was reopened, skipped, above the
    maximum (the customer's yes to this one), declined, or open before enrolment. In three days' time, or when due.

    Refused `not_found`, `wrong_state` while auto-pay is not on or the invoice's charge is on its way.
    """

    customer_id: str
    invoice_id: str
    ip_address: str = ""
    user_agent: str = ""
    source: str = "portal"
