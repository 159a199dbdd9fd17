"""What a pay button stands for: which invoices, and the exact amount. Pure; billing's answer is the only source."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.billing import AmountDue, InvoiceSummary

MOST_PAID = 500
"""Invoices that one payment can name; billing lists no more of those that are due."""


@dataclass(frozen=True)
class Bill:
    """One payment as it would be made now.

    `amount_minor` is what the card is charged. `invoices` get the money, oldest due first, each with its whole open
    amount. `held` were meant too but another payment of them is on its way. `invoice_ids` is what the payment names:
    None when it is all that is owed, of which `invoices` may be the beginning. `missing` are chosen ids that are not
    open.
    """

    currency: str
    amount_minor: int
    invoices: tuple[InvoiceSummary, ...]
    held: tuple[InvoiceSummary, ...]
    invoice_ids: tuple[str, ...] | None
    missing: tuple[str, ...] = ()

    @property
    def unlisted_minor(self) -> int:
        """The part of the amount whose invoices are too many to list."""
        return self.amount_minor - _open(self.invoices)

    @property
    def held_minor(self) -> int:
        """What is on its way already."""
        return sum(invoice.processing_minor for invoice in self.held)


def whole_bill(due: AmountDue) -> Bill:
    """Everything that is owed and not being paid already."""
    if due.processing_minor == 0 and _open(due.invoices) < due.payable_minor:
        # Too many to name. Otherwise they are named, so that an invoice that comes meanwhile is not paid instead.
        return Bill(
            currency=due.currency,
            amount_minor=due.payable_minor,
            invoices=tuple(due.invoices),
            held=(),
            invoice_ids=None,
        )
    return _bill(due, due.invoices)


def chosen_bill(due: AmountDue, chosen: Sequence[str]) -> Bill:
    """The chosen invoices, as far as they are open; everything when none is chosen."""
    if not chosen:
        return whole_bill(due)
    wanted = set(chosen)
    found = [invoice for invoice in due.invoices if invoice.invoice_id in wanted]
    known = {invoice.invoice_id for invoice in found}
    return _bill(due, found, missing=tuple(each for each in dict.fromkeys(chosen) if each not in known))


def late_bill(due: AmountDue) -> Bill:
    """What is past due, as far as it is listed; everything when nothing is."""
    late = [invoice for invoice in due.invoices if invoice.past_due]
    return _bill(due, late) if late else whole_bill(due)


def _bill(due: AmountDue, meant: Sequence[InvoiceSummary], missing: tuple[str, ...] = ()) -> Bill:
    # One open payment an invoice: an invoice with anything on its way cannot be part of another payment.
    free = tuple(invoice for invoice in meant if invoice.processing_minor == 0 and invoice.open_minor > 0)
    held = tuple(invoice for invoice in meant if invoice.processing_minor > 0)
    return Bill(
        currency=due.currency,
        amount_minor=_open(free),
        invoices=free,
        held=held,
        invoice_ids=tuple(invoice.invoice_id for invoice in free),
        missing=missing,
    )


def _open(invoices: Sequence[InvoiceSummary]) -> int:
    return sum(invoice.open_minor for invoice in invoices)
