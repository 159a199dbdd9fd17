"""What a pay button stands for: which invoices, and the exact amount. Pure; billing's answer is the only source."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.billing import AmountDue, InvoiceSummary

MOST_CHOSEN = 100
"""Invoices that can be chosen for one payment; their ids travel in an address."""


@dataclass(frozen=True)
class Bill:
    """One payment as it would be made now.

    `invoices` get the money, oldest due first, each with its whole open amount. `held` were meant too but another
    payment of them is on its way. `invoice_ids` is what the payment names: None when it is all that is owed.
    `missing` are chosen ids that are not open.
    """

    currency: str
    invoices: tuple[InvoiceSummary, ...]
    held: tuple[InvoiceSummary, ...]
    invoice_ids: tuple[str, ...] | None
    missing: tuple[str, ...] = ()

    @property
    def amount_minor(self) -> int:
        """What the card is charged, in minor units."""
        return sum(invoice.open_minor for invoice in self.invoices)

    @property
    def held_minor(self) -> int:
        """What is on its way already."""
        return sum(invoice.processing_minor for invoice in self.held)


def whole_bill(due: AmountDue) -> Bill:
    """Everything that is owed and not being paid already."""
    return _bill(due, list(due.invoices), ())


def chosen_bill(due: AmountDue, chosen: Sequence[str]) -> Bill:
    """The chosen invoices, as far as they are open; everything when none is chosen."""
    if not chosen:
        return whole_bill(due)
    wanted = set(chosen)
    found = [invoice for invoice in due.invoices if invoice.invoice_id in wanted]
    known = {invoice.invoice_id for invoice in found}
    return _bill(due, found, tuple(each for each in dict.fromkeys(chosen) if each not in known))


def past_due_bill(due: AmountDue) -> Bill:
    """What is late."""
    return _bill(due, [invoice for invoice in due.invoices if invoice.past_due], ())


def _bill(due: AmountDue, meant: list[InvoiceSummary], missing: tuple[str, ...]) -> Bill:
    # One open payment an invoice: an invoice with anything on its way cannot be part of another payment.
    free = tuple(invoice for invoice in meant if invoice.processing_minor == 0 and invoice.open_minor > 0)
    held = tuple(invoice for invoice in meant if invoice.processing_minor > 0)
    everything = sum(invoice.open_minor for invoice in free) == due.balance_due_minor
    return Bill(
        currency=due.currency,
        invoices=free,
        held=held,
        invoice_ids=None if everything and not held else tuple(invoice.invoice_id for invoice in free),
        missing=missing,
    )
