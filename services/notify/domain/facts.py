"""What a message will say, as its event said it: kept with a delivery until the message is out, then erased.

No secret is among it: a link's token is fetched when its message is sent.
"""

from datetime import date

import msgspec

from contracts.billing import AllocationFact, InvoiceLine, InvoiceSent
from contracts.payments import PaymentMethod, PaymentSucceeded


class InvoiceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice as its e-mail shows it; amounts in minor units."""

    invoice_id: str
    number: str
    currency: str
    total_minor: int
    issued_on: date
    due_on: date
    lines: list[InvoiceLine]
    memo: str

    @classmethod
    def of(cls, event: InvoiceSent) -> "InvoiceFacts":
        """What the event says."""
        return cls(
            invoice_id=event.invoice_id,
            number=event.number,
            currency=event.currency,
            total_minor=event.total_minor,
            issued_on=event.issued_on,
            due_on=event.due_on,
            lines=event.lines,
            memo=event.memo,
        )


class PaymentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The first half of a receipt: the money and how it came."""

    currency: str
    amount_minor: int
    received_on: date
    method: PaymentMethod
    card_brand: str | None
    card_last4: str | None
    reference: str

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


class LinkFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a one-time link is for. Address, expiry and token come with the token."""

    name: str
