"""How a try to send ended, written down by whoever holds the delivery."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.notify.domain import retries
from services.notify.models import Delivery
from services.notify.operations.errands import Errand

_LONGEST_ERROR = 500


def is_ours(session: Session, errand: Errand) -> bool:
    """Whether it is still to be sent, by us: not withdrawn, and not taken over by another."""
    held = select(Delivery.delivery_id).where(
        Delivery.delivery_id == errand.delivery_id, Delivery.claim == errand.claim, Delivery.state == "queued"
    )
    return session.scalar(held) is not None


def delivered(session: Session, errand: Errand, *, to: str, subject: str, now: datetime) -> None:
    """The mail server took it. True even if it was withdrawn meanwhile; what it said is not kept."""
    _write(
        session,
        errand,
        state="delivered",
        sent_at=now,
        to_address=to,
        subject=subject,
        facts=None,
        next_try_at=None,
        last_error=None,
        claim=None,
    )


def put_off(session: Session, errand: Errand, reason: str, *, now: datetime) -> None:
    """It could not be sent now: try again after a pause that grows, or give up after the last one."""
    pause = retries.pause_after(errand.attempts)
    if pause is None:
        give_up(session, errand, reason, now=now)
        return
    _write_if_queued(session, errand, next_try_at=now + pause, last_error=reason[:_LONGEST_ERROR], claim=None)


def give_up(session: Session, errand: Errand, reason: str, *, now: datetime) -> None:
    """It will never be sent."""
    _write_if_queued(session, errand, state="failed", next_try_at=None, last_error=reason[:_LONGEST_ERROR], claim=None)


def withdraw(session: Session, errand: Errand, reason: str, *, now: datetime) -> None:
    """There is no reason to send it any more."""
    _write_if_queued(
        session, errand, state="withdrawn", next_try_at=None, last_error=reason[:_LONGEST_ERROR], claim=None
    )


def _write_if_queued(session: Session, errand: Errand, **values: Any) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.delivery_id == errand.delivery_id, Delivery.claim == errand.claim, Delivery.state == "queued")
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _write(session: Session, errand: Errand, **values: Any) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.delivery_id == errand.delivery_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
