"""A customer's invoices in pages: filtered, sorted, searched. A page costs the same however many invoices there are.

A list is made of kinds of invoices (open, paid, void), each with an index in each order, so that a page takes the first
rows of each kind and merges them. The pages follow one another by key, which ties do not confuse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    Select,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    case,
    false,
    literal_column,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from chassis.cursors import read_cursor, write_cursor
from contracts import codes
from contracts.billing import InvoiceFilter, InvoicePage, InvoiceSort, InvoiceSummary, ListInvoices
from contracts.wire import Refused
from services.billing import searching
from services.billing.models import IS_OPEN, IS_PAID, IS_PARTLY_PAID, IS_UNTOUCHED, IS_VOID, InvoiceRow
from services.billing.queries import check_page_size, summaries, with_processing
from services.billing.visibility import VISIBLE

_Place = Literal["first", "after", "after_nothing_open"]

_KEPT = 256
_OPEN_MINOR = InvoiceRow.total_minor - InvoiceRow.allocated_minor
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


_BY_OPEN = ("most_open", "least_open")
_SQL_TYPES: dict[type, TypeEngine[Any]] = {date: Date(), int: BigInteger()}


def list_invoices(session: Session, command: ListInvoices, *, currency: str, today: date) -> InvoicePage:
    """A page of the customer's visible invoices that the filter leaves and that hold all that is searched for."""
    check_page_size(command.limit)
    order = _ORDERS[command.sort]
    after = read_cursor(command.cursor, str, *order.fields.values(), str)
    if after is not None and after[0] != command.sort:
        raise Refused(codes.INVALID, "That page belongs to another order. Start from the first one.", field="cursor")
    search = searching.look_up(session, command, currency=currency)
    if search is None:
        return InvoicePage(invoices=[], as_of=today)
    statement = _page(command.filter, command.sort, _place_of(after), search.shape)
    values = {
        "customer_ids": [command.customer_id],
        "today": today,
        # One more than asked for tells whether there is a next page.
        "most": command.limit + 1,
        **{f"after_{place}": part for place, part in enumerate(after[1:] if after else ())},
        **search.values,
    }
    invoices = summaries(session.execute(statement, values), today=today)
    more = len(invoices) > command.limit
    invoices = invoices[: command.limit]
    next_cursor = write_cursor(command.sort, *_key_of(invoices[-1], order)) if more else None
    return InvoicePage(invoices=invoices, as_of=today, next_cursor=next_cursor)


@lru_cache(_KEPT)
def _page(choice: InvoiceFilter, sort: InvoiceSort, place: _Place, shape: searching.Shape) -> Select[Any]:
    """The statement for one kind of page. Kept: building it takes longer than running it."""
    order = _ORDERS[sort]
    if shape.by_id:
        return _page_of_few(choice, order, place, shape)
    names = [f"order_{number}" for number in range(len(order.fields))]
    found = searching.conditions(shape)
    most = bindparam("most", type_=Integer)
    arms = []
    for kind in _kinds(choice, order):
        arm = with_processing().add_columns(
            *(column.label(name) for column, name in zip(kind.order, names, strict=True))
        )
        arm = arm.where(VISIBLE, kind.condition, *found, *_follows(kind, order, place))
        keys = [column for column in kind.order if column is not _NOTHING_OPEN]
        arm = arm.order_by(*(_directed(column, order) for column in (*keys, InvoiceRow.invoice_id)))
        arms.append(select(arm.limit(most).subquery()))
    merged = union_all(*arms).subquery()
    columns = [column for column in merged.c if column.name not in names]
    order_by = [merged.c[name] for name in (*names, "invoice_id")]
    return select(*columns).order_by(*(_directed(key, order) for key in order_by)).limit(most)


def _page_of_few(choice: InvoiceFilter, order: _Order, place: _Place, shape: searching.Shape) -> Select[Any]:
    """The same where the invoices that can match are known: they are read first, and only then sorted.

    Left to itself, a planner goes through the whole list in its order to spare the sorting of a few.
    """
    open_minor = case((InvoiceRow.state == text("'sent'"), _OPEN_MINOR), else_=0)
    keys = [
        (open_minor if name == "open_minor" else getattr(InvoiceRow, name)).label(f"order_{name}")
        for name in order.fields
    ]
    # Inside a CASE the customer is nothing that an index could be chosen for, so the ids are.
    is_visible = case((VISIBLE, 1), else_=0) == 1
    query = with_processing().add_columns(*keys).where(is_visible, *_of_choice(choice), *searching.conditions(shape))
    few = query.cte("few").prefix_with("MATERIALIZED")
    order_by = [*(few.c[key.name] for key in keys), few.c.invoice_id]
    statement = select(*(column for column in few.c if column.name not in {key.name for key in keys}))
    if place != "first":
        statement = statement.where(_beyond(order_by, _bounds(order), order))
    directed = (_directed(key, order) for key in order_by)
    return statement.order_by(*directed).limit(bindparam("most", type_=Integer))


def _of_choice(choice: InvoiceFilter) -> list[ColumnElement[bool]]:
    match choice:
        case "open":
            return [IS_OPEN]
        case "past_due":
            return [IS_OPEN, InvoiceRow.due_on < bindparam("today", type_=Date)]
        case "paid":
            return [IS_PAID]
        case "all":
            return []


def _place_of(after: tuple[Any, ...] | None) -> _Place:
    if after is None:
        return "first"
    return "after_nothing_open" if after[0] in _BY_OPEN and after[1] == 0 else "after"


def _kinds(choice: InvoiceFilter, order: _Order) -> list[_Kind]:
    others = tuple(getattr(InvoiceRow, name) for name in order.fields if name != "open_minor")
    if "open_minor" in order.fields:
        # What nothing is on is open with its total, which an index knows; what something is on is little.
        is_open = [
            _Kind(IS_UNTOUCHED, (InvoiceRow.total_minor, *others)),
            _Kind(IS_PARTLY_PAID, (_OPEN_MINOR, *others)),
        ]
        others = (_NOTHING_OPEN, *others)
    else:
        is_open = [_Kind(IS_OPEN, others)]
    match choice:
        case "open":
            return is_open
        case "past_due":
            is_late = InvoiceRow.due_on < bindparam("today", type_=Date)
            return [_Kind(and_(kind.condition, is_late), kind.order) for kind in is_open]
        case "paid":
            return [_Kind(IS_PAID, others)]
        case "all":
            return [*is_open, _Kind(IS_PAID, others), _Kind(IS_VOID, others)]


def _follows(kind: _Kind, order: _Order, place: _Place) -> list[ColumnElement[bool]]:
    """The condition for rows of the kind that come after the last row shown."""
    if place == "first":
        return []
    columns = [*kind.order, InvoiceRow.invoice_id]
    bounds = _bounds(order)
    if columns[0] is _NOTHING_OPEN:
        if place == "after":
            # The last row shown had something open: all without come after it, or all came before.
            return [] if order.descending else [false()]
        columns, bounds = columns[1:], bounds[1:]
    return [_beyond(columns, bounds, order)]


def _bounds(order: _Order) -> list[BindParameter[Any]]:
    types = [*(_SQL_TYPES[kind] for kind in order.fields.values()), String()]
    return [bindparam(f"after_{number}", type_=of_type) for number, of_type in enumerate(types)]


def _beyond(
    columns: Sequence[SQLColumnExpression[Any]], bounds: Sequence[BindParameter[Any]], order: _Order
) -> ColumnElement[bool]:
    key, bound = tuple_(*columns), tuple_(*bounds)
    return key < bound if order.descending else key > bound


def _directed(column: SQLColumnExpression[Any], order: _Order) -> ColumnElement[Any]:
    return column.desc() if order.descending else column.asc()


def _key_of(invoice: InvoiceSummary, order: _Order) -> tuple[Any, ...]:
    return (*(getattr(invoice, name) for name in order.fields), invoice.invoice_id)
