"""Putting money on invoices: which invoice gets how much. To the cent, oldest due first, never more than is open."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from contracts.billing import AllocationSource
from services.billing.domain.credit import Credit
from services.billing.domain.invoice import Invoice


@dataclass(kw_only=True, slots=True)
class Allocation:
    """Part of a payment or credit put on one invoice, in minor units. Reversed, never deleted."""

    allocation_id: str
    source: AllocationSource
    source_id: str
    customer_id: str
    invoice_id: str
    invoice_number: str
    amount_minor: int
    effective_on: date
    created_at: datetime
    reversed_at: datetime | None = None
    reversal_id: str | None = None

    def reverse(self, *, reversal_id: str, at: datetime) -> None:
        """Let it count no longer. Only once."""
        if self.reversed_at is not None:
            raise ValueError(f"allocation {self.allocation_id} is reversed already")
        self.reversed_at = at
        self.reversal_id = reversal_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """A part of some money that goes to one invoice."""

    target: Invoice
    amount_minor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditShare:
    """A part of one credit that goes to one invoice."""

    credit: Credit
    target: Invoice
    amount_minor: int


def oldest_due_first(invoices: Iterable[Invoice]) -> list[Invoice]:
    """Return the invoices by due date, issue date, number: the order in which they are paid."""
    return sorted(invoices, key=lambda invoice: (invoice.due_on, invoice.issued_on, invoice.number))


def spread(amount_minor: int, invoices: Iterable[Invoice], *, meant: Mapping[str, int] | None = None) -> list[Share]:
    """Share out an amount over invoices in the order given, each up to what is open; what is left over is not shared.

    `meant` caps single invoices by id (0: as far as it reaches). Changes no invoice.
    """
    shares = []
    left_minor = amount_minor
    for invoice in invoices:
        cap_minor = (meant or {}).get(invoice.invoice_id, 0) or invoice.open_minor
        part_minor = min(left_minor, invoice.open_minor, cap_minor)
        if part_minor > 0:
            shares.append(Share(target=invoice, amount_minor=part_minor))
            left_minor -= part_minor
    return shares


def share_payment(
    amount_minor: int,
    open_invoices: Iterable[Invoice],
    *,
    meant: Mapping[str, int],
    being_paid: Collection[str],
) -> list[Share]:
    """Share out a received payment: the invoices the customer chose first, then due date, issue date, number.

    `meant` maps the chosen invoices to the amounts agreed for each (0: as far as it reaches). When amounts were
    agreed, the customer knows what the rest becomes, a credit, so it goes to no other invoice. Invoices held by
    another payment (`being_paid`) are skipped: they must not be paid twice.
    """
    free = [invoice for invoice in oldest_due_first(open_invoices) if invoice.invoice_id not in being_paid]
    chosen = [invoice for invoice in free if invoice.invoice_id in meant]
    shares = spread(amount_minor, chosen, meant=meant)
    if any(meant.values()):
        return shares
    others = [invoice for invoice in free if invoice.invoice_id not in meant]
    return shares + spread(amount_minor - sum(share.amount_minor for share in shares), others)


def share_credits(
    credits: Iterable[Credit],
    open_invoices: Iterable[Invoice],
    *,
    being_paid: Collection[str],
    most_minor: int | None = None,
) -> list[CreditShare]:
    """Use up one customer's open credits and count them towards its invoices: oldest credit to oldest due invoice.

    Invoices held by a payment (`being_paid`) are skipped; at most `most_minor` is used. Returns what was put where.
    """
    targets = [invoice for invoice in oldest_due_first(open_invoices) if invoice.invoice_id not in being_paid]
    shares = []
    left_minor = most_minor
    for credit in sorted(credits, key=lambda credit: (credit.granted_on, credit.credit_id)):
        usable_minor = credit.open_minor if left_minor is None else min(credit.open_minor, left_minor)
        for share in spread(usable_minor, targets):
            credit.use(share.amount_minor)
            share.target.put(share.amount_minor)
            if left_minor is not None:
                left_minor -= share.amount_minor
            shares.append(CreditShare(credit=credit, target=share.target, amount_minor=share.amount_minor))
    return shares


def effective_day(source_day: date, invoice: Invoice) -> date:
    """Return the day on which money put on an invoice counts: the later of the money's and the invoice's."""
    return max(source_day, invoice.effective_on or source_day)
