"""Texts, a page at a time."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts import codes
from contracts.notify import ListTexts, TextPage, TextView
from contracts.wire import Refused
from services.notify.models import TextMessage
from services.notify.queries import MOST_ON_A_PAGE


def texts(session: Session, query: ListTexts) -> TextPage:
    """A page of texts, newest first."""
    if not 1 <= query.limit <= MOST_ON_A_PAGE:
        raise Refused(codes.INVALID, f"A page has 1 to {MOST_ON_A_PAGE} texts.", field="limit")
    statement = select(TextMessage).order_by(TextMessage.text_id.desc()).limit(query.limit + 1)
    if query.customer_id is not None:
        statement = statement.where(TextMessage.customer_id == query.customer_id)
    if query.state is not None:
        statement = statement.where(TextMessage.state == query.state)
    before = read_cursor(query.cursor, str)
    if before is not None:
        statement = statement.where(TextMessage.text_id < before[0])
    rows = list(session.scalars(statement))
    page = rows[: query.limit]
    return TextPage(
        texts=[_view(row) for row in page],
        next_cursor=write_cursor(page[-1].text_id) if len(rows) > query.limit else None,
    )


def _view(row: TextMessage) -> TextView:
    return TextView(
        text_id=row.text_id,
        customer_id=row.customer_id,
        kind=row.kind,
        to=row.number,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        source_id=row.source_id,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        last_error=row.last_error,
    )
