"""payments' facts."""

from datetime import date

from contracts.imports import Origin
from contracts.payments.paying import PaidInvoice, PaymentMethod
from contracts.wire import Event


class PaymentSucceeded(Event):
    """Money was received. `invoices` are the ones chosen or held for it, with the amounts meant for each (0: as far
    as it reaches). Effective on `received_on`. `auto_pay`: auto-pay charged it.
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
    auto_pay: bool = False


class PaymentFailed(Event):
    """A card payment came to nothing; its hold may go. `auto_pay`: auto-pay had tried it, and tells of it itself."""

    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
    decline_code: str | None
    message: str
    auto_pay: bool = False


class PaymentCancelled(Event):
    """A payment was given up before money moved; its hold may go."""

    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
