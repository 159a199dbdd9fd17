"""Payments: every one there is, by card or recorded by hand, and what can be done with it."""

from datetime import date, datetime
from typing import Literal

from contracts.imports import Origin, RowResult
from contracts.payments.returns import ReturnView
from contracts.wire import Command, View

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
    # Newest first: what of it left again.
    returns: list[ReturnView] = []


class PaymentPage(View):
    """Some of a customer's payments; `processing_minor` is what is on its way over all of them."""

    payments: list[PaymentView]
    next_cursor: str | None = None
    processing_minor: int = 0


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


class RecordPayments(Command[list[RowResult]]):
    """Record payments received by hand or brought along, at most 500. Repeating it changes nothing."""

    rows: list[RecordedPayment]
    origin: Origin = "portal"
