"""Visits as they are read: upcoming and past ones by keyset, one, and those behind an invoice's lines."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Time, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts import codes
from contracts.billing import (
    GetVisit,
    LineVisit,
    ListVisits,
    VisitFeed,
    VisitInvoice,
    VisitPage,
    VisitPeriod,
    VisitTerms,
    VisitView,
)
from contracts.wire import Refused
from services.billing.models import InvoiceRow, VisitRow
from services.billing.visibility import visible_to

MOST_VISITS = 500
"""Visits in one answer."""

FEED_REACHES_BACK = timedelta(days=92)

# A visit at any time of its day stands before those with a window.
_STARTS = func.coalesce(VisitRow.arrives_from, literal(time.min, Time()))
_KEY = (VisitRow.scheduled_on, _STARTS, VisitRow.visit_id)


def get_visit(session: Session, command: GetVisit) -> VisitView:
    """One visit of the customer; `not_found` if it is not the customer's."""
    return _one(session, _of(command.customer_id).where(VisitRow.visit_id == command.visit_id))


def visit_for_business(session: Session, visit_id: str) -> VisitView:
    """One visit, with the invoice that bills it whatever its state; `not_found` if there is none."""
    query = _with_invoice(InvoiceRow.invoice_id == VisitRow.invoice_id).where(VisitRow.visit_id == visit_id)
    return _one(session, query)


def list_visits(session: Session, command: ListVisits, *, today: date) -> VisitPage:
    """A page of the customer's visits: upcoming ones soonest first, past ones newest first."""
    if not 1 <= command.limit <= MOST_VISITS:
        raise Refused(codes.INVALID, f"A page has 1 to {MOST_VISITS} visits.", field="limit")
    query = _of(command.customer_id).where(*_during(command.period, today)).limit(command.limit + 1)
    after = read_cursor(command.cursor, date, time, str)
    if command.period == "upcoming":
        query = query.order_by(*_KEY)
        if after:
            # The day alone too: it is what the index is searched by.
            query = query.where(VisitRow.scheduled_on >= after[0], tuple_(*_KEY) > _literals(after))
    else:
        query = query.order_by(*(part.desc() for part in _KEY))
        if after:
            query = query.where(VisitRow.scheduled_on <= after[0], tuple_(*_KEY) < _literals(after))
    rows = session.execute(query).all()
    shown = rows[: command.limit]
    return VisitPage(
        visits=_views(shown), as_of=today, next_cursor=_cursor_after(shown[-1]) if len(rows) > command.limit else None
    )


def next_visits(session: Session, customer_id: str, *, limit: int, today: date) -> list[VisitView]:
    """The next visits that are still to come, soonest first; cancelled ones are not."""
    query = _of(customer_id).where(*_during("upcoming", today), VisitRow.state == "scheduled").order_by(*_KEY)
    return _views(session.execute(query.limit(limit)))


def feed(session: Session, customer_id: str, *, today: date) -> VisitFeed:
    """What a subscribed calendar shows."""
    query = _of(customer_id).where(VisitRow.scheduled_on >= today - FEED_REACHES_BACK).order_by(*_KEY)
    return VisitFeed(visits=_views(session.execute(query.limit(MOST_VISITS))), as_of=today)


def behind_lines(session: Session, invoice_id: str, customer_id: str, *, line_count: int) -> list[LineVisit]:
    """The customer's visits that an invoice bills, in the order of its lines; a line that is gone names none."""
    query = (
        select(
            VisitRow.line,
            VisitRow.visit_id,
            VisitRow.state,
            VisitRow.scheduled_on,
            VisitRow.service,
            VisitRow.arrives_from,
            VisitRow.arrives_until,
            VisitRow.crew_note,
        )
        .where(VisitRow.invoice_id == invoice_id, VisitRow.customer_id == customer_id)
        .order_by(*_KEY)
        .limit(MOST_VISITS)
    )
    visits = [
        LineVisit(
            line=row.line if row.line is not None and row.line < line_count else None,
            visit_id=row.visit_id,
            state=row.state,
            scheduled_on=row.scheduled_on,
            service=row.service,
            arrives_from=row.arrives_from,
            arrives_until=row.arrives_until,
            crew_note=row.crew_note,
        )
        for row in session.execute(query)
    ]
    return sorted(visits, key=lambda visit: line_count if visit.line is None else visit.line)


def _during(period: VisitPeriod, today: date) -> tuple[ColumnElement[bool], ...]:
    done = VisitRow.state == "completed"
    if period == "upcoming":
        return VisitRow.scheduled_on >= today, or_(VisitRow.scheduled_on > today, ~done)
    return VisitRow.scheduled_on <= today, or_(VisitRow.scheduled_on < today, done)


def _of(customer_id: str) -> Select[Any]:
    """The customer's visits, each with its invoice if that exists for the customer."""
    visible = and_(InvoiceRow.invoice_id == VisitRow.invoice_id, visible_to(customer_id))
    return _with_invoice(visible).where(VisitRow.customer_id == customer_id)


def _with_invoice(joins: ColumnElement[bool]) -> Select[Any]:
    return select(
        *VisitRow.__table__.columns, InvoiceRow.number.label("invoice_number"), InvoiceRow.state.label("invoice_state")
    ).outerjoin(InvoiceRow, joins)


def _literals(after: tuple[Any, ...]) -> Any:
    day, starts, visit_id = after
    return tuple_(literal(day), literal(starts, Time()), literal(visit_id))


def _cursor_after(row: Row[Any]) -> str:
    return write_cursor(row.scheduled_on, row.arrives_from or time.min, row.visit_id)


def _one(session: Session, query: Select[Any]) -> VisitView:
    row = session.execute(query).one_or_none()
    if row is None:
        raise Refused(codes.NOT_FOUND, "There is no such visit.")
    return _view(row)


def _views(rows: Iterable[Row[Any]]) -> list[VisitView]:
    return [_view(row) for row in rows]


def _view(row: Row[Any]) -> VisitView:
    invoice = None
    if row.invoice_number is not None:
        invoice = VisitInvoice(invoice_id=row.invoice_id, number=row.invoice_number, state=row.invoice_state)
    return VisitView(
        visit_id=row.visit_id,
        customer_id=row.customer_id,
        state=row.state,
        terms=VisitTerms(
            scheduled_on=row.scheduled_on,
            arrives_from=row.arrives_from,
            arrives_until=row.arrives_until,
            service=row.service,
            address=row.address,
            crew_note=row.crew_note,
        ),
        version=row.version,
        changed_at=row.changed_at,
        reference=row.reference,
        completed_at=row.completed_at,
        cancelled_at=row.cancelled_at,
        cancel_reason=row.cancel_reason,
        invoice=invoice,
        line=row.line if invoice else None,
    )
