"""Removing what is over, so that no table grows with the number of strangers who knock."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.identity.domain import throttling
from services.identity.domain.sessions import SessionLife
from services.identity.models import Link, LinkRequest, LogInTries, SignedIn

REQUESTS_KEPT = timedelta(days=1)
LINKS_KEPT = timedelta(days=30)


def remove_what_is_over(session: Session, *, life: SessionLife, now: datetime) -> None:
    """Delete sessions past their time, forgotten failures, and requests and links long past."""
    forgotten = now - max(throttling.ACCOUNT.forgotten_after, throttling.IP_ADDRESS.forgotten_after)
    for statement in (
        delete(SignedIn).where(SignedIn.last_seen_at <= now - life.idle),
        delete(SignedIn).where(SignedIn.opened_at <= now - life.longest),
        delete(LogInTries).where(LogInTries.last_try_at <= forgotten),
        delete(LinkRequest).where(LinkRequest.requested_at <= now - REQUESTS_KEPT),
        delete(Link).where(Link.expires_at <= now - LINKS_KEPT),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
