"""Notices about a log-in: to the address that it had, whatever is on file by now."""

from datetime import datetime

from sqlalchemy.orm import Session

from contracts.identity import EmailChanged, EmailChangeRequested, PasswordChanged
from services.notify.domain.facts.security import NewAddressFacts, NewPasswordFacts
from services.notify.operations import queueing


def email_change_requested(session: Session, event: EmailChangeRequested, *, now: datetime) -> None:
    """Tell the present address what is about to happen."""
    queueing.add_to_address(
        session,
        kind="email_change_requested",
        source_id=event.link_id,
        customer_ids=event.customer_ids,
        email=event.email,
        facts=NewAddressFacts(name=event.name, new_email=event.new_email),
        now=now,
    )


def email_changed(session: Session, event: EmailChanged, *, now: datetime) -> None:
    """Tell the former address what has happened."""
    queueing.add_to_address(
        session,
        kind="email_changed",
        source_id=event.change_id,
        customer_ids=event.customer_ids,
        email=event.former_email,
        facts=NewAddressFacts(name=event.name, new_email=event.email),
        now=now,
    )


def password_changed(session: Session, event: PasswordChanged, *, now: datetime) -> None:
    """Tell the owner of the log-in."""
    queueing.add_to_address(
        session,
        kind="password_changed",
        source_id=event.change_id,
        customer_ids=event.customer_ids,
        email=event.email,
        facts=NewPasswordFacts(name=event.name, changed_at=event.changed_at),
        now=now,
    )
