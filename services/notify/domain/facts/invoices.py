"""What an invoice's e-mail states."""

from datetime import date

import msgspec

from contracts.billing import InvoiceLine, InvoiceSent


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
