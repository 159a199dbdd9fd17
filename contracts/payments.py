"""payments: every payment there is, by card or recorded by hand, and the customer's cards."""

from datetime import date, datetime
from typing import Literal

from contracts.imports import Origin, RowResult
from contracts.wire import Command, Event, View

PaymentState = Literal[
    "created", "submitting", "requires_action", "processing", "succeeded", "failed", "cancelled", "unknown"
]
PaymentMethod = Literal["card", "cash", "check", "bank", "other"]


class PaidInvoice(View):
    """The part of a payment that goes to one invoice, in minor units."""

    invoice_id: str
    number: str
    amount_minor: int


class Decline(View):
    """Why a card was not charged. `message` and `next_step` are for the customer; nothing was charged."""

    code: str
    decline_code: str | None
    message: str
    next_step: str


class CardView(View):
    """A saved card. Its number never reaches us; the id is our own."""

    card_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    is_default: bool = False


class CardsView(View):
    """The customer's saved cards, and the smallest amount the provider charges, in minor units."""

    cards: list[CardView]
    currency: str
    minimum_minor: int


class PaymentView(View):
    """A payment. `client_secret` is there only in `requires_action`, for the browser's 3-D Secure step.

    `settled` is false while money may still be on its way: the pages say "processing".
    """

    payment_id: str
    customer_id: str
    state: PaymentState
    method: PaymentMethod
    currency: str
    amount_minor: int
    excess_minor: int
    invoices: list[PaidInvoice]
    created_at: datetime
    received_on: date | None = None
    card_brand: str | None = None
    card_last4: str | None = None
    reference: str = ""
    decline: Decline | None = None
    client_secret: str | None = None
    settled: bool = True


class PaymentPage(View):
    """Some of a customer's payments; `processing_minor` is what is on its way over all of them."""

    payments: list[PaymentView]
    next_cursor: str | None = None
    processing_minor: int = 0


class SucceededPayment(View):
    """A payment whose money was received, in minor units."""

    payment_id: str
    customer_id: str
    amount_minor: int


class SucceededPaymentsPage(View):
    """Some received payments by id; `next_after` leads to the next ones."""

    payments: list[SucceededPayment]
    next_after: str | None = None


class PaymentNeedingStaff(View):
    """A payment whose outcome the provider would not tell for 30 days: it is asked no more by itself, and its invoices
    stay held. `stripe_intent_id` is where to look at the provider; None when it never named one.
    """

    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
    state: PaymentState
    created_at: datetime
    stripe_intent_id: str | None = None


class NeedingStaffPage(View):
    """Some payments that wait for people; `next_cursor` leads to the next ones."""

    payments: list[PaymentNeedingStaff]
    next_cursor: str | None = None


class WebhookTaken(View):
    """The webhook is stored (or was stored before): the sender may forget it."""

    event_id: str
    duplicate: bool


class RecordedPayment(View):
    """A payment received by hand. `external_key` makes repeating it harmless, unique for the deployment.

    The invoices named come first; the rest goes to the oldest due, and what is left becomes a credit. With
    `only_if_known` nothing new is recorded: a key that never came before is refused with `conflict`.
    """

    row: int
    external_key: str
    customer_id: str
    amount_minor: int
    method: PaymentMethod
    received_on: date
    invoice_ids: list[str] = []
    reference: str = ""
    only_if_known: bool = False


class PayInvoices(Command[PaymentView]):
    """Pay with a card. `key` was made when the form was rendered: the same key never charges twice.

    `amount_minor` is what the button said. `invoice_ids` None pays all that is open. When another amount is open by
    now nothing is charged (`stale_amount`), unless the customer asked to pay more (`allow_overpayment`) or only a
    part (`allow_partial`). One of `payment_method` (made in the browser) and `card_id` (saved) is given. A decline is
    an answer (state `failed`), not an error. Refused with `already_being_paid`, `stale_amount`, `amount_too_small`,
    `key_reused`.
    """

    key: str
    customer_id: str
    currency: str
    amount_minor: int
    invoice_ids: list[str] | None = None
    payment_method: str | None = None
    card_id: str | None = None
    save_card: bool = False
    allow_overpayment: bool = False
    allow_partial: bool = False


class ContinuePayment(Command[PaymentView]):
    """After the customer's 3-D Secure step: see where the payment stands and finish it."""

    customer_id: str
    payment_id: str


class CancelPayment(Command[PaymentView]):
    """Give up a payment that waits for the customer; it is cancelled at the provider first."""

    customer_id: str
    payment_id: str


class GetPayment(Command[PaymentView]):
    """One of the customer's payments as it stands. Refused `not_found`, for another customer's too."""

    customer_id: str
    payment_id: str


class ListPayments(Command[PaymentPage]):
    """The customer's payments, newest first; `processing_minor` is the money on its way over all of them."""

    customer_id: str
    cursor: str | None = None
    limit: int = 25


class ListSucceededPayments(Command[SucceededPaymentsPage]):
    """For proofs: every payment whose money was received, by payment id after `after`, 1 to 500 a page."""

    after: str = ""
    limit: int = 500


class ListCards(Command[CardsView]):
    """The cards that the customer has saved."""

    customer_id: str


class RecordPayments(Command[list[RowResult]]):
    """Record payments received by hand or brought along, at most 500. Repeating it changes nothing."""

    rows: list[RecordedPayment]
    origin: Origin = "portal"


class ListNeedingStaff(Command[NeedingStaffPage]):
    """Payments that people must look at, the oldest first, of all customers; 1 to 500 a page."""

    cursor: str | None = None
    limit: int = 100


class ReceiveStripeWebhook(Command[WebhookTaken]):
    """A webhook as it came: the raw body and the value of the header Stripe-Signature. Refused when forged."""

    payload: str
    signature: str


class PaymentSucceeded(Event):
    """Money was received. `invoices` are the ones chosen or held for it, with the amounts meant for each (0: as far
    as it reaches). Effective on `received_on`.
    """

    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
    method: PaymentMethod
    received_on: date
    effective_on: date
    invoices: list[PaidInvoice]
    card_brand: str | None
    card_last4: str | None
    reference: str
    origin: Origin


class PaymentFailed(Event):
    """A card payment came to nothing; its hold may go."""

    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
    decline_code: str | None
    message: str


class PaymentCancelled(Event):
    """A payment was given up before money moved; its hold may go."""

    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
