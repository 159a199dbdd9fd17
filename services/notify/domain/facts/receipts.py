"""What a receipt states: two halves, each from a service of its own."""

from datetime import date

import msgspec

from contracts.billing import AllocationFact
from contracts.payments import PaymentMethod, PaymentSucceeded


class PaymentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The first half of a receipt: the money and how it came."""

    currency: str
    amount_minor: int
    received_on: date
    method: PaymentMethod
    card_brand: str | None
    card_last4: str | None
    reference: str
    auto_pay: bool = False

    @classmethod
    def of(cls, event: PaymentSucceeded) -> "PaymentFacts":
        """What the event says."""
        return cls(
            currency=event.currency,
            amount_minor=event.amount_minor,
            received_on=event.received_on,
            method=event.method,
            card_brand=event.card_brand,
            card_last4=event.card_last4,
            reference=event.reference,
            auto_pay=event.auto_pay,
        )


class AllocationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The second half of a receipt: what the money was put on, and what of it is left as a credit."""

    allocations: list[AllocationFact]
    credit_minor: int


class ReceiptFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Both halves."""

    payment_id: str
    payment: PaymentFacts
    allocation: AllocationFacts
