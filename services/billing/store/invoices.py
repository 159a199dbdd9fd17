"""Invoices and their lines."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from contracts.billing import InvoiceLine
from services.billing.domain.invoice import Invoice
from services.billing.models import IS_OPEN, HeldInvoiceRow, InvoiceLineRow, InvoiceRow, is_held
from services.billing.store.rows import columns_of, insert_all, insert_new, load, object_of, update_all
from services.billing.visibility import VISIBLE

_VISIBLE = (
    select(*columns_of(InvoiceRow, Invoice), HeldInvoiceRow.invoice_id.is_not(None))
    .outerjoin(HeldInvoiceRow, is_held())
    .where(VISIBLE)
)
_OPEN = _VISIBLE.where(IS_OPEN)
_CHOSEN = _VISIBLE.where(InvoiceRow.invoice_id.in_(bindparam("invoice_ids", expanding=True)))


class Owed(NamedTuple):
    """Invoices, and the ids of those that a payment holds."""

    invoices: list[Invoice]
    being_paid: set[str]


def owners_by_id(session: Session, invoice_ids: Collection[str]) -> dict[str, str]:
    """Return the customer of each invoice that exists, by invoice id."""
    query = select(InvoiceRow.invoice_id, InvoiceRow.customer_id).where(InvoiceRow.invoice_id.in_(invoice_ids))
    return {row[0]: row[1] for row in session.execute(query)}


def owners_by_number(session: Session, numbers: Collection[str]) -> dict[str, str]:
    """Return the customer of each invoice that exists, by invoice number."""
    query = select(InvoiceRow.number, InvoiceRow.customer_id).where(InvoiceRow.number.in_(numbers))
    return {row[0]: row[1] for row in session.execute(query)}


def invoices_by_id(session: Session, invoice_ids: Collection[str]) -> dict[str, Invoice]:
    """Return the invoices with these ids, drafts too. For the business's commands."""
    found = load(session, InvoiceRow, Invoice, InvoiceRow.invoice_id.in_(invoice_ids))
    return {invoice.invoice_id: invoice for invoice in found}


def invoices_by_number(session: Session, numbers: Collection[str]) -> dict[str, Invoice]:
    """Return the invoices with these numbers, drafts too. For the business's commands."""
    found = load(session, InvoiceRow, Invoice, InvoiceRow.number.in_(numbers))
    return {invoice.number: invoice for invoice in found}


def open_invoices(session: Session, customer_ids: Collection[str]) -> Owed:
    """Return what customers owe: visible, sent, not paid; and which of it a payment holds."""
    return _owed(session.execute(_OPEN, {"customer_ids": list(customer_ids)}).all())


def chosen_invoices(session: Session, customer_id: str, invoice_ids: Collection[str]) -> Owed:
    """Return those of the invoices that exist for the customer, paid ones too; and which a payment holds."""
    names = {"customer_ids": [customer_id], "invoice_ids": list(invoice_ids)}
    return _owed(session.execute(_CHOSEN, names).all())


def _owed(rows: Sequence[Any]) -> Owed:
    invoices = [object_of(Invoice, row) for row in rows]
    return Owed(invoices, {invoice.invoice_id for invoice, row in zip(invoices, rows, strict=True) if row[-1]})


def insert_invoices(session: Session, invoices: Sequence[Invoice]) -> set[str]:
    """Insert invoices and return the ids of those inserted: a number that was taken meanwhile keeps its invoice."""
    in_order = sorted(invoices, key=lambda invoice: invoice.number)
    return insert_new(session, InvoiceRow, in_order)


def save_invoices(session: Session, invoices: Sequence[Invoice]) -> None:
    """Write invoices that have changed."""
    update_all(session, InvoiceRow, invoices)


def lines_of(session: Session, invoice_ids: Collection[str]) -> dict[str, list[InvoiceLine]]:
    """Return the lines of each invoice in their order."""
    query = (
        select(
            InvoiceLineRow.invoice_id,
            InvoiceLineRow.description,
            InvoiceLineRow.quantity,
            InvoiceLineRow.unit_price_minor,
            InvoiceLineRow.amount_minor,
            InvoiceLineRow.serviced_on,
        )
        .where(InvoiceLineRow.invoice_id.in_(invoice_ids))
        .order_by(InvoiceLineRow.invoice_id, InvoiceLineRow.position)
    )
    lines: dict[str, list[InvoiceLine]] = {invoice_id: [] for invoice_id in invoice_ids}
    for row in session.execute(query):
        lines[row.invoice_id].append(
            InvoiceLine(
                description=row.description,
                quantity=row.quantity,
                unit_price_minor=row.unit_price_minor,
                amount_minor=row.amount_minor,
                serviced_on=row.serviced_on,
            )
        )
    return lines


def insert_lines(session: Session, lines: Mapping[str, Sequence[InvoiceLine]]) -> None:
    """Insert the lines of invoices that have none yet, by invoice id."""
    insert_all(
        session,
        InvoiceLineRow,
        (
            {"invoice_id": invoice_id, "position": position, **msgspec.structs.asdict(line)}
            for invoice_id, invoice_lines in lines.items()
            for position, line in enumerate(invoice_lines)
        ),
    )


def replace_lines(session: Session, lines: Mapping[str, Sequence[InvoiceLine]]) -> None:
    """Give drafts other lines, by invoice id."""
    if lines:
        session.execute(delete(InvoiceLineRow).where(InvoiceLineRow.invoice_id.in_(lines)))
        insert_lines(session, lines)
