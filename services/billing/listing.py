"""A customer's invoices in pages: filtered, sorted, searched. A page costs the same however many invoices there are.

A list is made of kinds of invoices (open, paid, void), each with an index in each order, so that a page takes the first
rows of each kind and merges them. The pages follow one another by key, which ties do not confuse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, false, literal_column, select, tuple_, union_all
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts import codes
from contracts.billing import InvoiceFilter, InvoicePage, InvoiceSort, InvoiceSummary, ListInvoices
from contracts.wire import Refused
from services.billing import searching
from services.billing.models import IS_OPEN, IS_PAID, IS_PARTLY_PAID, IS_UNTOUCHED, IS_VOID, InvoiceRow
from services.billing.queries import check_page_size, summaries, with_processing
from services.billing.visibility import visible_to

Key = tuple[Any, ...]

_NOTHING_OPEN: ColumnElement[Any] = literal_column("0")


@dataclass(frozen=True)
class _Kind:
    """Invoices of one kind in a list, and the columns that their order is made of, the invoice's id after them."""

    condition: ColumnElement[bool]
    order: tuple[SQLColumnExpression[Any], ...]


@dataclass(frozen=True)
class _Order:
    """One way to sort: by which fields of a summary, with their types, and whether the highest come first."""

    fields: Mapping[str, type]
    descending: bool


_ISSUE = {"issued_on": date}
_DUE = {"due_on": date}
_TOTAL = {"total_minor": int, "issued_on": date}
_OPEN = {"open_minor": int, "issued_on": date}

_ORDERS: dict[InvoiceSort, _Order] = {
    "newest": _Order(_ISSUE, descending=True),
    "oldest": _Order(_ISSUE, descending=False),
    "due_first": _Order(_DUE, descending=False),
    "due_last": _Order(_DUE, descending=True),
    "largest": _Order(_TOTAL, descending=True),
    "smallest": _Order(_TOTAL, descending=False),
    "most_open": _Order(_OPEN, descending=True),
    "least_open": _Order(_OPEN, descending=False),
}


def list_invoices(session: Session, command: ListInvoices, *, currency: str, today: date) -> InvoicePage:
    """A page of the customer's visible invoices that the filter leaves and that hold all that is searched for."""
    check_page_size(command.limit)
    order = _ORDERS[command.sort]
    after = read_cursor(command.cursor, str, *order.fields.values(), str)
    if after is not None and after[0] != command.sort:
        raise Refused(codes.INVALID, "That page belongs to another order. Start from the first one.", field="cursor")
    found = searching.search(session, command, currency=currency)
    if found is None:
        return InvoicePage(invoices=[], as_of=today)
    query = _page(command, order, after[1:] if after else None, found, today)
    # One more than asked for tells whether there is a next page.
    invoices = summaries(session.execute(query), today=today)
    more = len(invoices) > command.limit
    invoices = invoices[: command.limit]
    next_cursor = write_cursor(command.sort, *_key_of(invoices[-1], order)) if more else None
    return InvoicePage(invoices=invoices, as_of=today, next_cursor=next_cursor)


def _page(
    command: ListInvoices, order: _Order, after: Key | None, found: Sequence[ColumnElement[bool]], today: date
) -> Select[Any]:
    limit = command.limit + 1
    names = [f"order_{place}" for place in range(len(order.fields))]
    arms = []
    for kind in _kinds(command.filter, order, today):
        arm = with_processing().add_columns(
            *(column.label(name) for column, name in zip(kind.order, names, strict=True))
        )
        arm = arm.where(visible_to(command.customer_id), kind.condition, *found)
        if after is not None:
            arm = arm.where(_follows(kind, order, after))
        keys = [column for column in kind.order if column is not _NOTHING_OPEN]
        arm = arm.order_by(*(_directed(column, order) for column in (*keys, InvoiceRow.invoice_id)))
        arms.append(select(arm.limit(limit).subquery()))
    merged = union_all(*arms).subquery()
    columns = [column for column in merged.c if column.name not in names]
    keys = [merged.c[name] for name in (*names, "invoice_id")]
    return select(*columns).order_by(*(_directed(key, order) for key in keys)).limit(limit)


def _kinds(filter: InvoiceFilter, order: _Order, today: date) -> list[_Kind]:
    others = tuple(getattr(InvoiceRow, name) for name in order.fields if name != "open_minor")
    if "open_minor" in order.fields:
        # What nothing is on is open with its total, which an index knows; what something is on is little.
        open_minor = InvoiceRow.total_minor - InvoiceRow.allocated_minor
        is_open = [
            _Kind(IS_UNTOUCHED, (InvoiceRow.total_minor, *others)),
            _Kind(IS_PARTLY_PAID, (open_minor, *others)),
        ]
        others = (_NOTHING_OPEN, *others)
    else:
        is_open = [_Kind(IS_OPEN, others)]
    match filter:
        case "open":
            return is_open
        case "past_due":
            return [_Kind(kind.condition & (InvoiceRow.due_on < today), kind.order) for kind in is_open]
        case "paid":
            return [_Kind(IS_PAID, others)]
        case "all":
            return [*is_open, _Kind(IS_PAID, others), _Kind(IS_VOID, others)]


def _follows(kind: _Kind, order: _Order, after: Key) -> ColumnElement[bool]:
    """The condition for rows of the kind that come after the key, which was that of the last row shown."""
    columns = (*kind.order, InvoiceRow.invoice_id)
    if columns[0] is _NOTHING_OPEN:
        if after[0] == 0:
            columns, after = columns[1:], after[1:]
        else:
            # The last row shown had something open: all without come after it, or all came before.
            return InvoiceRow.invoice_id.is_not(None) if order.descending else false()
    key = tuple_(*columns)
    return key < after if order.descending else key > after


def _directed(column: SQLColumnExpression[Any], order: _Order) -> ColumnElement[Any]:
    return column.desc() if order.descending else column.asc()


def _key_of(invoice: InvoiceSummary, order: _Order) -> Key:
    return (*(getattr(invoice, name) for name in order.fields), invoice.invoice_id)
