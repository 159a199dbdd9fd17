"""Taking access away: sessions and links that end because something else changed."""

from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from services.identity.models import Customer, Link, LogIn, SignedIn


def end_links(session: Session, email_key: str, *, now: datetime) -> None:
    """End every link that lets the owner of an address in and could still be used, and a change of it that waits."""
    end_links_to(session, email_key, now=now)
    end_email_changes(session, email_key, now=now)


def end_links_to(session: Session, email_key: str, *, now: datetime) -> None:
    """End every link that lets the owner of an address in and could still be used."""
    session.execute(
        update(Link)
        .where(
            Link.email_key == email_key, Link.replaces_key.is_(None), Link.used_at.is_(None), Link.ended_at.is_(None)
        )
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def end_email_changes(session: Session, email_key: str, *, now: datetime) -> None:
    """Give up the changes of an address that wait."""
    session.execute(
        update(Link)
        .where(Link.replaces_key == email_key, Link.used_at.is_(None), Link.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def end_sessions(session: Session, log_in_id: str, *, but: str = "") -> None:
    """End every session of a log-in, except the one with the id `but`."""
    session.execute(
        delete(SignedIn)
        .where(SignedIn.log_in_id == log_in_id, SignedIn.session_id != but)
        .execution_options(synchronize_session=False)
    )


def end_for_address(session: Session, email_key: str, *, now: datetime) -> None:
    """End what an address gave access to, because a customer no longer has it on file.

    Its links first: a password being set at this moment holds its link's row, so that either that is seen here or
    the link is seen ended there. A log-in that is left without any account goes too: whoever gets the address
    back later signs up again.
    """
    end_links(session, email_key, now=now)
    log_in_id = session.scalar(select(LogIn.log_in_id).where(LogIn.email_key == email_key).with_for_update())
    if log_in_id is None:
        return
    end_sessions(session, log_in_id)
    session.execute(
        delete(LogIn)
        .where(LogIn.log_in_id == log_in_id, ~exists().where(Customer.email_key == email_key))
        .execution_options(synchronize_session=False)
    )
