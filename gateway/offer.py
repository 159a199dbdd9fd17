"""What the Pay page offers: where the money of one payment would go, and the exact amount. Nothing is asked here."""

from dataclasses import dataclass

from contracts import codes
from contracts.billing import AllocationPreview, InvoiceSummary, Objection, PreviewedInvoice
from gateway.bill import Bill


@dataclass(frozen=True)
class Offer:
    """One payment as it would be made now.

    `amount_minor` is what the card is charged, after `credits_minor` of credits; `excess_minor` of it would become a
    credit. `rows` are the invoices, of which `unlisted_minor` more get something too. `is_part`: something of what was
    meant stays open. `objection`: why it would be refused, then it cannot be made.
    """

    currency: str
    invoice_ids: tuple[str, ...] | None
    rows: tuple[PreviewedInvoice, ...]
    amount_minor: int
    credits_minor: int = 0
    excess_minor: int = 0
    excess_applied_minor: int = 0
    unlisted_minor: int = 0
    is_part: bool = False
    objection: Objection | None = None

    @property
    def can_be_made(self) -> bool:
        """Whether there is something to agree to."""
        return self.objection is None and self.amount_minor + self.credits_minor > 0


def whole(bill: Bill, *, minimum_minor: int) -> Offer:
    """All of a bill by card."""
    return Offer(
        currency=bill.currency,
        invoice_ids=bill.invoice_ids,
        rows=tuple(_paid_whole(invoice) for invoice in bill.invoices),
        amount_minor=bill.amount_minor,
        unlisted_minor=bill.unlisted_minor,
        objection=_too_small(minimum_minor) if bill.amount_minor < minimum_minor else None,
    )


def nothing(bill: Bill) -> Offer:
    """What stands there while no amount has been typed that could be paid."""
    return Offer(currency=bill.currency, invoice_ids=bill.invoice_ids, rows=(), amount_minor=0)


def previewed(bill: Bill, preview: AllocationPreview) -> Offer:
    """A payment of which billing has said where it would go."""
    placed_minor = preview.amount_minor - preview.excess_minor
    return Offer(
        currency=preview.currency,
        invoice_ids=bill.invoice_ids,
        rows=tuple(row for row in preview.invoices if row.paid_minor or row.credits_minor),
        amount_minor=preview.amount_minor,
        credits_minor=preview.credits_minor,
        excess_minor=preview.excess_minor,
        excess_applied_minor=preview.excess_applied_minor,
        unlisted_minor=preview.further_paid_minor,
        is_part=placed_minor < preview.open_minor and preview.amount_minor > 0,
        objection=preview.objection,
    )


def _paid_whole(invoice: InvoiceSummary) -> PreviewedInvoice:
    return PreviewedInvoice(
        invoice_id=invoice.invoice_id,
        number=invoice.number,
        due_on=invoice.due_on,
        past_due=invoice.past_due,
        open_minor=invoice.open_minor,
        credits_minor=0,
        paid_minor=invoice.open_minor,
        left_minor=0,
    )


def _too_small(minimum_minor: int) -> Objection:
    message = "This is less than a card can be charged."
    return Objection(code=codes.AMOUNT_TOO_SMALL, message=message, minimum_minor=minimum_minor)
