"""A customer's own page: what is on file, and what of it the customer may write."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import outbox
from contracts import codes
from contracts.identity import (
    ChangeContact,
    CustomerView,
    EmailChangeView,
    GetProfile,
    ProfileView,
    SessionSummary,
)
from contracts.wire import Refused
from services.identity import queries
from services.identity.domain import contacts
from services.identity.domain.contacts import BadRow
from services.identity.domain.sessions import SessionLife
from services.identity.models import Customer, Link, LogIn, SignedIn
from services.identity.operations import on_file, sessions

MOST_SESSIONS = 50
"""Sessions that are listed, the newest first."""


def get_profile(session: Session, query: GetProfile, *, life: SessionLife, now: datetime) -> ProfileView:
    """Everything of the account in view and its log-in. Refused `wrong_credentials`."""
    found = sessions.own(session, query.session_token, query.customer_id, life=life, now=now)
    log_in = session.get_one(LogIn, found.signed_in.log_in_id)
    return ProfileView(
        customer=queries.customer_view(_acting(found, query.customer_id)),
        sessions=_sessions(session, found.signed_in, life=life, now=now),
        password_set_at=log_in.password_set_at,
        signed_up_at=log_in.created_at,
        email_change=_waiting_change(session, log_in.email_key, now=now),
        shared_with=[account.name for account in found.accounts if account.customer_id != query.customer_id],
    )


def change_contact(session: Session, command: ChangeContact, *, life: SessionLife, now: datetime) -> CustomerView:
    """Write name, phone and address of an account. Refused `invalid` with the field, `conflict` when another version
    is on file that says something else.
    """
    found = sessions.own(session, command.session_token, command.customer_id, life=life, now=now)
    # The version is judged under the lock: an import may be writing the same customer.
    customer = session.get_one(
        Customer, _acting(found, command.customer_id).customer_id, with_for_update=True, populate_existing=True
    )
    try:
        change = contacts.read_own(
            reference=customer.reference, name=command.name, phone=command.phone, address=command.address
        )
    except BadRow as error:
        raise Refused(codes.INVALID, str(error), field=error.field) from None
    before = on_file.contact_of(customer)
    after = change.applied_to(before)
    if after == before:
        return queries.customer_view(customer)
    if customer.contact_version != command.based_on_version:
        message = "What is on file changed in the meantime. Check it, then save again."
        raise Refused(codes.CONFLICT, message, contact_version=customer.contact_version)
    on_file.keep_what_the_business_said(customer)
    on_file.write(customer, after, now=now)
    session.flush()
    outbox.record_many(session, [on_file.contact_changed(customer, "portal")])
    return queries.customer_view(customer)


def _acting(found: queries.FoundSession, customer_id: str) -> Customer:
    return next(account for account in found.accounts if account.customer_id == customer_id)


def _sessions(session: Session, current: SignedIn, *, life: SessionLife, now: datetime) -> list[SessionSummary]:
    rows = session.scalars(
        select(SignedIn)
        .where(SignedIn.log_in_id == current.log_in_id)
        .order_by(SignedIn.last_seen_at.desc(), SignedIn.session_id)
        .limit(MOST_SESSIONS)
    )
    return [
        SessionSummary(
            session_id=row.session_id,
            opened_at=row.opened_at,
            last_seen_at=row.last_seen_at,
            ip_address=row.ip_address,
            user_agent=row.user_agent,
            is_current=row.session_id == current.session_id,
        )
        for row in rows
        # One that ran out waits for the hourly upkeep.
        if life.ends_at(opened_at=row.opened_at, last_seen_at=row.last_seen_at) > now
    ]


def _waiting_change(session: Session, email_key: str, *, now: datetime) -> EmailChangeView | None:
    link = session.scalars(
        select(Link)
        .where(Link.replaces_key == email_key, Link.used_at.is_(None), Link.ended_at.is_(None), Link.expires_at > now)
        .order_by(Link.issued_at.desc())
        .limit(1)
    ).first()
    return None if link is None else EmailChangeView(new_email=link.email, expires_at=link.expires_at)
