"""What notify reads: deliveries a page at a time, and how many there are in each state."""

from collections.abc import Callable
from typing import get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts import codes
from contracts.notify import DeliveryPage, DeliveryState, DeliveryView, ListDeliveries, MessageKind
from contracts.wire import Refused
from services.notify.models import Delivery

MOST_ON_A_PAGE = 500

SubjectOf = Callable[[MessageKind, str | None], str]
"""Makes the subject of a message that is not out yet, from its kind and facts."""


def deliveries(session: Session, query: ListDeliveries, subject_of: SubjectOf) -> DeliveryPage:
    """A page of deliveries, newest first."""
    if not 1 <= query.limit <= MOST_ON_A_PAGE:
        raise Refused(codes.INVALID, f"A page has 1 to {MOST_ON_A_PAGE} messages.", field="limit")
    statement = select(Delivery).order_by(Delivery.delivery_id.desc()).limit(query.limit + 1)
    if query.customer_id is not None:
        statement = statement.where(Delivery.customer_id == query.customer_id)
    if query.state is not None:
        statement = statement.where(Delivery.state == query.state)
    before = read_cursor(query.cursor, str)
    if before is not None:
        statement = statement.where(Delivery.delivery_id < before[0])
    rows = list(session.scalars(statement))
    page = rows[: query.limit]
    return DeliveryPage(
        deliveries=[delivery_view(row, subject_of) for row in page],
        next_cursor=write_cursor(page[-1].delivery_id) if len(rows) > query.limit else None,
    )


def counts(session: Session) -> dict[str, int]:
    """How many deliveries are in each state; every state is named."""
    found = dict(session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())
    return {state: found.get(state, 0) for state in get_args(DeliveryState)}


def delivery_view(row: Delivery, subject_of: SubjectOf) -> DeliveryView:
    """A delivery as others see it."""
    return DeliveryView(
        delivery_id=row.delivery_id,
        customer_id=row.customer_id,
        kind=row.kind,
        to=row.to_address,
        subject=row.subject or subject_of(row.kind, row.facts),
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        source_id=row.source_id,
        sent_at=row.sent_at,
        last_error=row.last_error,
    )
