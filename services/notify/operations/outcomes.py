"""How a try to send ended, written down by whoever holds the delivery."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from services.notify.domain import retries
from services.notify.models import Delivery
from services.notify.operations.errands import Errand

_LONGEST_ERROR = 500

# Built once, as what every message runs through: building one takes longer than running it.
_IS_OURS = select(Delivery.delivery_id).where(
    Delivery.delivery_id == bindparam("delivery_id"), Delivery.claim == bindparam("claim"), Delivery.state == "queued"
)
_DELIVERED = (
    update(Delivery.__table__)  # type: ignore[arg-type]
    .where(Delivery.delivery_id == bindparam("of_delivery"))
    .values(
        state="delivered",
        sent_at=bindparam("now"),
        to_address=bindparam("to"),
        subject=bindparam("about"),
        facts=None,
        next_try_at=None,
        last_error=None,
        claim=None,
    )
)


def is_ours(session: Session, errand: Errand) -> bool:
    """Whether it is still to be sent, by us: not withdrawn, and not taken over by another."""
    return session.scalar(_IS_OURS, {"delivery_id": errand.delivery_id, "claim": errand.claim}) is not None


def delivered(session: Session, errand: Errand, *, to: str, subject: str, now: datetime) -> None:
    """The mail server took it. True even if it was withdrawn meanwhile; what it said is not kept."""
    session.execute(_DELIVERED, {"of_delivery": errand.delivery_id, "now": now, "to": to, "about": subject})


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
