"""billing's read models: invoices, what is due, credits. Amounts in minor units; nothing here changes anything."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, case, func, select, tuple_
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts import codes
from contracts.billing import (
    AllocationView,
    AmountDue,
    CreditView,
    FindInvoices,
    GetAmountDue,
    GetInvoice,
    InvoicePage,
    InvoiceSummary,
    InvoiceView,
    ListDrafts,
)
from contracts.wire import Refused
from services.billing import store, visit_queries
from services.billing.domain import limits
from services.billing.domain.credit import Credit
from services.billing.domain.invoice import Invoice
from services.billing.domain.rules import OwnerRules
from services.billing.models import IS_OPEN, AllocationRow, CreditRow, HeldInvoiceRow, InvoiceRow, is_held
from services.billing.visibility import VISIBLE, visible_to

MOST_INVOICES = 500
"""Invoices in one answer."""

_OPEN_MINOR = InvoiceRow.total_minor - InvoiceRow.allocated_minor


def with_processing() -> Select[Any]:
    """Invoices, each with what is on its way to it; `summaries` reads the rows."""
    return select(
        *InvoiceRow.__table__.columns, func.coalesce(HeldInvoiceRow.amount_minor, 0).label("processing_minor")
    ).outerjoin(HeldInvoiceRow, is_held())


# Built once: the pay page and the dashboard ask each time, and building them took longer than running them.
_MOST = bindparam("most", type_=Integer)
_CREDITS_LEFT = (
    select(func.coalesce(func.sum(CreditRow.amount_minor - CreditRow.used_minor), 0))
    .where(
        CreditRow.customer_id.in_(bindparam("customer_ids", expanding=True)),
        CreditRow.used_minor < CreditRow.amount_minor,
    )
    .scalar_subquery()
)
_SUMS_DUE = (
    select(
        func.coalesce(func.sum(_OPEN_MINOR), 0),
        func.coalesce(func.sum(case((InvoiceRow.due_on < bindparam("today"), _OPEN_MINOR), else_=0)), 0),
        func.coalesce(func.sum(HeldInvoiceRow.amount_minor), 0),
        func.coalesce(func.sum(case((HeldInvoiceRow.invoice_id.is_not(None), 0), else_=_OPEN_MINOR)), 0),
        _CREDITS_LEFT,
    )
    .select_from(InvoiceRow)
    .outerjoin(HeldInvoiceRow, is_held())
    .where(VISIBLE, IS_OPEN)
)
_OLDEST_DUE = (
    with_processing()
    .where(VISIBLE, IS_OPEN)
    .order_by(InvoiceRow.due_on, InvoiceRow.issued_on, InvoiceRow.number)
    .limit(_MOST)
)
_NEWEST = (
    with_processing().where(VISIBLE).order_by(InvoiceRow.issued_on.desc(), InvoiceRow.invoice_id.desc()).limit(_MOST)
)


def get_invoice(session: Session, command: GetInvoice, *, today: date) -> InvoiceView:
    """One invoice of the customer; `not_found` if it does not exist for the customer."""
    return _whole(session, visible_to(command.customer_id), InvoiceRow.invoice_id == command.invoice_id, today=today)


def invoice_for_business(session: Session, invoice_id: str, *, today: date) -> InvoiceView:
    """One invoice whatever its state; `not_found` if there is none."""
    return _whole(session, InvoiceRow.invoice_id == invoice_id, today=today)


def list_drafts(session: Session, command: ListDrafts, *, today: date) -> InvoicePage:
    """For the business: a page of what is not sent yet, oldest issue date first."""
    key = tuple_(InvoiceRow.issued_on, InvoiceRow.invoice_id)
    query = with_processing().where(InvoiceRow.state == "draft")
    if after := read_cursor(command.cursor, date, str):
        query = query.where(key > after)
    query = query.order_by(InvoiceRow.issued_on, InvoiceRow.invoice_id)
    return _page(session, query, limit=command.limit, today=today)


def find_invoices(session: Session, command: FindInvoices, *, today: date) -> list[InvoiceSummary]:
    """For the business: the invoices with these numbers, those that exist, by number."""
    limits.check_row_count(command.numbers, "numbers")
    query = with_processing().where(InvoiceRow.number.in_(command.numbers)).order_by(InvoiceRow.number)
    return summaries(session.execute(query), today=today)


def get_amount_due(session: Session, command: GetAmountDue, *, rules: OwnerRules, today: date) -> AmountDue:
    """What the customer could pay now. The sums are over everything; the lists hold at most 500 invoices."""
    names = {"customer_ids": [command.customer_id]}
    oldest = {**names, "most": _bounded(command.invoice_limit)}
    newest = {**names, "most": _bounded(command.latest_limit)}
    sums = session.execute(_SUMS_DUE, {**names, "today": today}).one()
    balance_due_minor, past_due_minor, processing_minor, payable_minor, credits_minor = map(int, sums)
    return AmountDue(
        customer_id=command.customer_id,
        currency=rules.currency,
        balance_due_minor=balance_due_minor,
        past_due_minor=past_due_minor,
        processing_minor=processing_minor,
        payable_minor=payable_minor,
        invoices=summaries(session.execute(_OLDEST_DUE, oldest), today=today) if balance_due_minor else [],
        as_of=today,
        latest=summaries(session.execute(_NEWEST, newest), today=today) if command.latest_limit > 0 else [],
        credits_minor=credits_minor,
        auto_apply_credits=rules.auto_apply_credits,
        allow_partial_payments=rules.allow_partial_payments,
        minimum_partial_minor=rules.minimum_partial_minor,
        next_visits=visit_queries.next_visits(
            session, command.customer_id, limit=_bounded(command.visit_limit), today=today
        )
        if command.visit_limit
        else [],
    )


def credit_view(session: Session, credit_id: str) -> CreditView:
    """One credit, with what is left of it."""
    (credit,) = store.credits_by_id(session, [credit_id]).values()
    return view_of_credit(credit)


def view_of_credit(credit: Credit) -> CreditView:
    """A credit as it is shown."""
    return CreditView(
        credit_id=credit.credit_id,
        customer_id=credit.customer_id,
        kind=credit.kind,
        currency=credit.currency,
        amount_minor=credit.amount_minor,
        open_minor=credit.open_minor,
        granted_on=credit.granted_on,
        reason=credit.reason,
        source_id=credit.source_id,
    )


def credits_left(session: Session, customer_id: str) -> int:
    """What is left of all the customer's credits."""
    return int(session.scalar(select(_CREDITS_LEFT), {"customer_ids": [customer_id]}) or 0)


def _whole(session: Session, *where: ColumnElement[bool], today: date) -> InvoiceView:
    row = session.execute(with_processing().where(*where)).one_or_none()
    if row is None:
        raise Refused(codes.NOT_FOUND, "There is no such invoice.")
    lines = store.lines_of(session, [row.invoice_id])[row.invoice_id]
    return InvoiceView(
        summary=_summary(row, today=today),
        lines=lines,
        allocations=_allocations(session, row.invoice_id),
        as_of=today,
        memo=row.memo,
        visits=visit_queries.behind_lines(session, row.invoice_id, row.customer_id, line_count=len(lines)),
    )


def _allocations(session: Session, invoice_id: str) -> list[AllocationView]:
    query = (
        select(*(AllocationRow.__table__.c[name] for name in AllocationView.__struct_fields__))
        .where(AllocationRow.invoice_id == invoice_id)
        .order_by(AllocationRow.allocation_id)
    )
    return [AllocationView(**row._mapping) for row in session.execute(query)]


def _page(session: Session, query: Select[Any], *, limit: int, today: date) -> InvoicePage:
    check_page_size(limit)
    # One more than asked for tells whether there is a next page.
    invoices = summaries(session.execute(query.limit(limit + 1)), today=today)
    more = len(invoices) > limit
    invoices = invoices[:limit]
    next_cursor = write_cursor(invoices[-1].issued_on, invoices[-1].invoice_id) if more else None
    return InvoicePage(invoices=invoices, as_of=today, next_cursor=next_cursor)


def check_page_size(limit: int) -> None:
    """Refuse a page that is empty or too long."""
    if not 1 <= limit <= MOST_INVOICES:
        raise Refused(codes.INVALID, f"A page has 1 to {MOST_INVOICES} rows.", field="limit")


def _bounded(limit: int) -> int:
    if not 0 <= limit <= MOST_INVOICES:
        raise Refused(codes.INVALID, f"A list has at most {MOST_INVOICES} invoices.", field="limit")
    return limit


def summaries(rows: Iterable[Row[Any]], *, today: date) -> list[InvoiceSummary]:
    """The rows of `with_processing` as they are shown."""
    return [_summary(row, today=today) for row in rows]


def _summary(row: Row[Any], *, today: date) -> InvoiceSummary:
    fields = dict(row._mapping)
    processing_minor = fields.pop("processing_minor")
    invoice = Invoice(**fields)
    return InvoiceSummary(
        invoice_id=invoice.invoice_id,
        customer_id=invoice.customer_id,
        number=invoice.number,
        state=invoice.state,
        currency=invoice.currency,
        total_minor=invoice.total_minor,
        open_minor=invoice.open_minor,
        processing_minor=processing_minor,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        past_due=invoice.is_past_due(today),
        description=invoice.description,
        sent_at=invoice.sent_at,
        voided_at=invoice.voided_at,
    )
