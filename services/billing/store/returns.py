"""Money that left again: each return id once."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.billing.models import ReceivedPaymentRow, ReturnRow


def return_of(session: Session, return_id: str) -> ReturnRow | None:
    """What is known of a return."""
    return session.get(ReturnRow, return_id)


def return_ids(session: Session, payment_id: str) -> list[str]:
    """The ids of everything that was returned of a payment."""
    return list(session.scalars(select(ReturnRow.return_id).where(ReturnRow.payment_id == payment_id)))


def waiting_returns(session: Session, payment_id: str) -> list[ReturnRow]:
    """The returns of a payment that were heard of before it was, oldest first."""
    query = select(ReturnRow).where(ReturnRow.payment_id == payment_id, ReturnRow.state == "waiting")
    return list(session.scalars(query.order_by(ReturnRow.return_id)))


def is_received(session: Session, payment_id: str) -> bool:
    """Whether a payment's money has been dealt with."""
    return session.get(ReceivedPaymentRow, payment_id) is not None
