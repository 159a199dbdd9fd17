"""Another e-mail address for a log-in and its accounts: asked for with the password, made by a link to the new one.

Product, "Profile": password again, link to the new address, notice to the old. All accounts of the log-in move
together, since they are its by having its address (docs/decisions/log-ins-and-accounts.md).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from chassis import outbox
from chassis.database import Database
from chassis.ids import new_id
from contracts import codes
from contracts.identity import (
    ConfirmEmailChange,
    Done,
    EmailChanged,
    EmailChangeRequested,
    EmailChangeView,
    InspectEmailChange,
    RequestEmailChange,
    WithdrawEmailChange,
)
from contracts.wire import Refused
from services.identity.domain import email_addresses, links
from services.identity.domain.email_addresses import BadAddress, EmailAddress
from services.identity.domain.sessions import SessionLife
from services.identity.models import Customer, Link, LogIn
from services.identity.operations import access, on_file, sessions
from services.identity.operations import links as link_operations
from services.identity.operations.collisions import again_if_taken
from services.identity.operations.proving import Prover


def request_email_change(prover: Prover, command: RequestEmailChange, *, link_secret: str) -> Done:
    """Send a link to the new address and tell the old one. Nothing here looks at who has the new address.

    Refused `invalid` with field `email`, `wrong_credentials` with field `password`, `throttled`.
    """
    try:
        address = email_addresses.parse(command.new_email)
    except BadAddress as error:
        message = f"That does not look like an e-mail address: {error}."
        raise Refused(codes.INVALID, message, field="email") from None
    proved = prover.prove(
        session_token=command.session_token,
        customer_id=command.customer_id,
        password=command.password,
        field="password",
        ip_address=command.ip_address,
    )
    if address.key == proved.email_key:
        raise Refused(codes.INVALID, "This is the address that is on file already.", field="email")
    with prover.database.transaction() as session:
        accounts = _accounts(session, proved.email_key)
        log_in = prover.still(session, proved)
        if not accounts:
            raise Refused(codes.WRONG_CREDENTIALS, "Your session is over. Please log in again.")
        _check_how_often(session, log_in.email_key, now=prover.now)
        access.end_email_changes(session, log_in.email_key, now=prover.now)
        link = link_operations.add_link(
            session,
            address,
            accounts,
            purpose="email_change",
            now=prover.now,
            life=links.LIFE,
            link_secret=link_secret,
            replaces_key=log_in.email_key,
        )
        _tell_that_it_was_asked_for(session, link, accounts)
    return Done()


def withdraw_email_change(session: Session, command: WithdrawEmailChange, *, life: SessionLife, now: datetime) -> Done:
    """Give up the change that waits."""
    found = sessions.own(session, command.session_token, command.customer_id, life=life, now=now)
    log_in = session.get_one(LogIn, found.signed_in.log_in_id)
    access.end_email_changes(session, log_in.email_key, now=now)
    return Done()


def inspect_email_change(session: Session, command: InspectEmailChange, *, now: datetime) -> EmailChangeView:
    """Say which address a link would put on file, and change nothing. Refused `link_not_valid`."""
    link = _usable(session, command.token, now=now)
    return EmailChangeView(new_email=link.email, expires_at=link.expires_at)


def confirm_email_change(database: Database, command: ConfirmEmailChange, *, now: datetime) -> EmailChangeView:
    """Use up the link. Refused `link_not_valid`."""
    return again_if_taken(database, lambda session: _confirm(session, command.token, now=now))


def _confirm(session: Session, token: str, *, now: datetime) -> EmailChangeView:
    link = _usable(session, token, now=now)
    former_key = link.replaces_key or ""
    # In the order in which imports lock: customers, then links, then log-ins.
    accounts = _accounts(session, former_key)
    used = session.scalar(
        update(Link)
        .where(Link.link_id == link.link_id, Link.used_at.is_(None), Link.ended_at.is_(None))
        .values(used_at=now)
        .returning(Link.link_id)
        .execution_options(synchronize_session=False)
    )
    if used is None or not accounts:
        raise link_operations.not_valid()
    former_email = accounts[0].email or former_key
    address = EmailAddress(written=link.email, key=link.email_key)
    for account in accounts:
        on_file.keep_what_the_business_said(account)
        on_file.write(account, replace(on_file.contact_of(account), email=address), now=now)
    session.flush()
    _move_log_in(session, former_key, address.key)
    access.end_links(session, former_key, now=now)
    outbox.record_many(session, [on_file.contact_changed(account, "portal") for account in accounts])
    _tell_that_it_is_changed(session, former_email, address.written, accounts)
    return EmailChangeView(new_email=link.email, expires_at=link.expires_at)


def _move_log_in(session: Session, former_key: str, key: str) -> None:
    """The log-in goes with its accounts, unless the new address has one: then they are that one's."""
    rows = session.scalars(
        select(LogIn).where(LogIn.email_key.in_([former_key, key])).order_by(LogIn.email_key).with_for_update()
    )
    log_ins = {row.email_key: row for row in rows}
    moving = log_ins.get(former_key)
    if moving is None:
        return
    access.end_sessions(session, moving.log_in_id)
    if key in log_ins:
        session.execute(delete(LogIn).where(LogIn.log_in_id == moving.log_in_id))
    else:
        moving.email_key = key
    session.flush()


def _usable(session: Session, token: str, *, now: datetime) -> Link:
    link = link_operations.usable(link_operations.find(session, token), now=now)
    if link.replaces_key is None:
        raise link_operations.not_valid()
    return link


def _accounts(session: Session, email_key: str) -> Sequence[Customer]:
    return session.scalars(
        select(Customer).where(Customer.email_key == email_key).order_by(Customer.reference).with_for_update()
    ).all()


def _check_how_often(session: Session, email_key: str, *, now: datetime) -> None:
    asked = session.scalar(
        select(func.count())
        .select_from(Link)
        .where(Link.replaces_key == email_key, Link.issued_at > now - links.ASKED_WITHIN)
    )
    if (asked or 0) >= links.MOST_LINKS_PER_ADDRESS:
        raise Refused(
            codes.THROTTLED,
            "You asked for several changes of your address within the hour. Please wait a while.",
            retry_after_s=int(links.ASKED_WITHIN.total_seconds()),
        )


def _tell_that_it_was_asked_for(session: Session, link: Link, accounts: Sequence[Customer]) -> None:
    first = accounts[0]
    outbox.record(
        session,
        EmailChangeRequested(
            link_id=link.link_id,
            email=first.email or "",
            new_email=link.email,
            name=first.name,
            expires_at=link.expires_at,
            customer_ids=[account.customer_id for account in accounts],
        ),
        aggregate_id=link.link_id,
        aggregate_version=2,
        ordering_key=first.customer_id,
    )


def _tell_that_it_is_changed(session: Session, former_email: str, email: str, accounts: Sequence[Customer]) -> None:
    change_id = new_id()
    outbox.record(
        session,
        EmailChanged(
            change_id=change_id,
            former_email=former_email,
            email=email,
            name=accounts[0].name,
            customer_ids=[account.customer_id for account in accounts],
        ),
        aggregate_id=change_id,
        aggregate_version=1,
        ordering_key=accounts[0].customer_id,
    )
