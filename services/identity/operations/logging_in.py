"""Opening a session with e-mail address and password."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chassis.database import Database
from chassis.ids import new_id
from contracts import codes
from contracts.identity import LogIn as LogInCommand
from contracts.identity import SessionOpened
from contracts.wire import Refused
from services.identity import queries
from services.identity.domain import email_addresses, passwords, tokens
from services.identity.domain.email_addresses import BadAddress
from services.identity.domain.sessions import SessionLife
from services.identity.models import LogIn, SignedIn
from services.identity.operations import tries
from services.identity.operations.collisions import again_if_taken
from services.identity.operations.password_hashing import PasswordVault

_LONGEST_USER_AGENT = 300
_LONGEST_IP_ADDRESS = 45


def log_in(
    database: Database, vault: PasswordVault, command: LogInCommand, *, life: SessionLife, now: datetime
) -> SessionOpened:
    """Open a session. An unknown address costs the same work and gets the same answer as a wrong password.

    Refused `wrong_credentials`, or `throttled` before anything is looked at.
    """
    email_key = _key_of(command.email)
    again_if_taken(
        database,
        lambda session: tries.count_try(session, email_key=email_key, ip_address=command.ip_address, now=now),
    )
    with database.read() as session:
        known = session.scalar(select(LogIn).where(LogIn.email_key == email_key))
    # Nothing is open here: the hash takes some 20 ms of a processor.
    password_hash = known.password_hash if known else None
    too_long = len(command.password) > passwords.LONGEST
    matches = vault.verify(None if too_long else password_hash, command.password[: passwords.LONGEST])
    if known is None or not matches:
        raise _refusal()
    fresh_hash = vault.hash(command.password) if vault.is_outdated(known.password_hash) else None
    with database.transaction() as session:
        return _open(session, known, fresh_hash, command, life=life, now=now)


def _open(
    session: Session,
    known: LogIn,
    fresh_hash: str | None,
    command: LogInCommand,
    *,
    life: SessionLife,
    now: datetime,
) -> SessionOpened:
    # The password may have been set anew, or the address lost its accounts, while the hash was computed.
    present_hash = session.scalar(
        select(LogIn.password_hash).where(LogIn.log_in_id == known.log_in_id).with_for_update()
    )
    accounts = queries.accounts_of(session, known.email_key)
    if present_hash != known.password_hash or not accounts:
        raise _refusal()
    if fresh_hash is not None:
        session.execute(update(LogIn).where(LogIn.log_in_id == known.log_in_id).values(password_hash=fresh_hash))
    tries.forgive(session, email_key=known.email_key, ip_address=command.ip_address, now=now)
    token = tokens.new_session_token()
    opened = SignedIn(
        session_id=new_id(),
        token_hash=tokens.token_hash(token),
        log_in_id=known.log_in_id,
        customer_id=accounts[0].customer_id,
        opened_at=now,
        last_seen_at=now,
        ip_address=command.ip_address[:_LONGEST_IP_ADDRESS],
        user_agent=_printable(command.user_agent)[:_LONGEST_USER_AGENT],
    )
    session.add(opened)
    return SessionOpened(
        session_token=token,
        session=queries.session_view(opened, accounts, ends_at=life.ends_at(opened_at=now, last_seen_at=now)),
    )


def _key_of(typed: str) -> str:
    try:
        return email_addresses.parse(typed).key
    except BadAddress:
        # Still counted and still verified against nothing: no shortcut for what cannot be on file.
        return email_addresses.key_of(typed[: email_addresses.LONGEST])


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def _refusal() -> Refused:
    return Refused(codes.WRONG_CREDENTIALS, "E-mail address and password do not belong together.")
