"""Reading what was written to the business: a page at a time, with how far each e-mail has come."""

from typing import cast

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts import codes
from contracts.notify import ContactMessagePage, ContactMessageView, DeliveryState, ListContactMessages, Suspicion
from contracts.wire import Refused
from services.notify.models import ContactMessage, Delivery

MOST_ON_A_PAGE = 500


def contact_messages(session: Session, query: ListContactMessages) -> ContactMessagePage:
    """A page of messages, newest first."""
    if not 1 <= query.limit <= MOST_ON_A_PAGE:
        raise Refused(codes.INVALID, f"A page has 1 to {MOST_ON_A_PAGE} messages.", field="limit")
    about = and_(Delivery.source_id == ContactMessage.message_id, Delivery.kind == "contact_message")
    statement = (
        select(ContactMessage, Delivery.state)
        .outerjoin(Delivery, about)
        .order_by(ContactMessage.message_id.desc())
        .limit(query.limit + 1)
    )
    if query.answered is not None:
        at = ContactMessage.answered_at
        statement = statement.where(at.is_not(None) if query.answered else at.is_(None))
    if query.customer_id is not None:
        statement = statement.where(ContactMessage.customer_id == query.customer_id)
    before = read_cursor(query.cursor, str)
    if before is not None:
        statement = statement.where(ContactMessage.message_id < before[0])
    rows = session.execute(statement).all()
    page = rows[: query.limit]
    return ContactMessagePage(
        messages=[_view(message, state) for message, state in page],
        next_cursor=write_cursor(page[-1][0].message_id) if len(rows) > query.limit else None,
    )


def contact_message_view(session: Session, row: ContactMessage) -> ContactMessageView:
    """One message as others see it."""
    state = session.scalar(
        select(Delivery.state).where(Delivery.source_id == row.message_id, Delivery.kind == "contact_message")
    )
    return _view(row, state)


def _view(row: ContactMessage, state: DeliveryState | None) -> ContactMessageView:
    return ContactMessageView(
        message_id=row.message_id,
        received_at=row.received_at,
        customer_id=row.customer_id,
        reference=row.reference,
        name=row.name,
        email=row.email,
        phone=row.phone,
        topic=row.topic,
        invoice_id=row.invoice_id,
        invoice_number=row.invoice_number,
        message=row.message,
        suspicions=cast(list[Suspicion], row.suspicions.split(",")) if row.suspicions else [],
        answered_at=row.answered_at,
        delivery=state or "withdrawn",
    )
