"""Auto-pay's facts."""

from datetime import date, datetime
from typing import Literal

from contracts.imports import Origin
from contracts.payments.auto_pay import PauseReason
from contracts.wire import Event, View

DeclineKind = Literal["soft", "hard", "authenticate"]


class AutoPayCard(View):
    """The card that is charged, as letters name it."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int


class AutoPayEnrolled(Event):
    """A customer turned auto-pay on. `charged_when`: invoices are charged when due, or when sent.

    `balance_minor` is what was open and is charged too, each invoice on its day.
    """

    customer_id: str
    currency: str
    card: AutoPayCard
    maximum_minor: int | None
    includes_balance: bool
    balance_minor: int
    enrolled_at: datetime
    charged_when: Literal["due", "sent"]
    origin: Origin = "portal"


class AutoPayEnded(Event):
    """A customer turned auto-pay off: nothing further is charged by itself."""

    customer_id: str
    ended_at: datetime


class AutoPayPaused(Event):
    """Auto-pay charges nothing until the customer says how to go on. `message` says why a card was declined.

    `is_told`: another event of the same moment, a failed charge, tells the customer already.
    """

    customer_id: str
    reason: PauseReason
    card: AutoPayCard | None
    message: str
    next_step: str
    paused_at: datetime
    is_told: bool


class AutoPayChargeUpcoming(Event):
    """An invoice is charged in a few days: no more than `amount_minor`, on `charge_on`."""

    customer_id: str
    invoice_id: str
    invoice_number: str
    currency: str
    amount_minor: int
    due_on: date
    charge_on: date
    card: AutoPayCard


class AutoPayChargeSkipped(Event):
    """An invoice is above what the customer lets be charged (`maximum_minor`): it is to be paid by hand."""

    customer_id: str
    invoice_id: str
    invoice_number: str
    currency: str
    amount_minor: int
    due_on: date
    maximum_minor: int


class AutoPayChargeFailed(Event):
    """A card was not charged. `retry_on`: when it is tried again, None where it is not.

    `kind`: soft ones may pass, hard ones ask for another card, `authenticate` for its holder. `is_first`: the first one
    of this invoice since the customer last said how to pay it. `pauses`: auto-pay is paused by it.
    """

    customer_id: str
    invoice_id: str
    invoice_number: str
    payment_id: str
    currency: str
    amount_minor: int
    card: AutoPayCard | None
    kind: DeclineKind
    message: str
    next_step: str
    retry_on: date | None
    is_first: bool
    pauses: bool


class AutoPayCardExpiring(Event):
    """The card that auto-pay charges can be charged until `expires_on` and not after."""

    customer_id: str
    card: AutoPayCard
    expires_on: date
