"""Sessions: checked with every page, switched between accounts, ended."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from chassis.database import Database
from contracts import codes
from contracts.identity import (
    CheckSession,
    Done,
    EndOtherSessions,
    EndSession,
    LogOut,
    SessionView,
    SwitchAccount,
)
from contracts.wire import Refused
from services.identity import queries
from services.identity.domain import sessions, tokens
from services.identity.domain.sessions import SessionLife
from services.identity.models import SignedIn
from services.identity.operations import access
from services.identity.queries import FoundSession


def check_session(database: Database, command: CheckSession, *, life: SessionLife, now: datetime) -> SessionView:
    """Return the session behind a cookie, for the account named in it: one query, and once a minute a write.

    Any account of the log-in will do, not only the one that was switched to last: the answer to a switch can be
    lost on its way to the browser, whose cookie then names the former one. Refused `wrong_credentials` when it is
    over or the account is somebody else's.
    """
    token_hash = tokens.token_hash(command.session_token)
    with database.read() as session:
        found = queries.find_session(session, token_hash)
    view = _live(found, acting_for=command.customer_id, life=life, now=now)
    if found is not None and found.signed_in.last_seen_at + sessions.SEEN_AGAIN_AFTER <= now:
        with database.transaction() as session:
            session.execute(
                update(SignedIn)
                .where(SignedIn.token_hash == token_hash, SignedIn.last_seen_at < now)
                .values(last_seen_at=now)
                .execution_options(synchronize_session=False)
            )
    return view


def switch_account(session: Session, command: SwitchAccount, *, life: SessionLife, now: datetime) -> SessionView:
    """Let the session act for another account of its log-in. Refused `not_found` for anybody else's."""
    found = queries.find_session(session, tokens.token_hash(command.session_token), lock=True)
    _live(found, acting_for=None, life=life, now=now)
    if found is None or all(account.customer_id != command.customer_id for account in found.accounts):
        raise Refused(codes.NOT_FOUND, "This account does not exist.")
    found.signed_in.customer_id = command.customer_id
    found.signed_in.last_seen_at = now
    return _live(found, acting_for=command.customer_id, life=life, now=now)


def log_out(session: Session, command: LogOut) -> Done:
    """End the session, if it is still there."""
    session.execute(
        delete(SignedIn)
        .where(SignedIn.token_hash == tokens.token_hash(command.session_token))
        .execution_options(synchronize_session=False)
    )
    return Done()


def end_session(session: Session, command: EndSession, *, life: SessionLife, now: datetime) -> Done:
    """End another session of the same log-in, if it is there."""
    found = own(session, command.session_token, command.customer_id, life=life, now=now)
    session.execute(
        delete(SignedIn)
        .where(SignedIn.session_id == command.session_id, SignedIn.log_in_id == found.signed_in.log_in_id)
        .execution_options(synchronize_session=False)
    )
    return Done()


def end_other_sessions(session: Session, command: EndOtherSessions, *, life: SessionLife, now: datetime) -> Done:
    """End every session of the log-in but the one that asks."""
    found = own(session, command.session_token, command.customer_id, life=life, now=now)
    access.end_sessions(session, found.signed_in.log_in_id, but=found.signed_in.session_id)
    return Done()


def own(session: Session, session_token: str, customer_id: str, *, life: SessionLife, now: datetime) -> FoundSession:
    """The session of a token, acting for an account of its log-in. Refused `wrong_credentials`."""
    found = queries.find_session(session, tokens.token_hash(session_token))
    _live(found, acting_for=customer_id, life=life, now=now)
    if found is None:
        raise _over()
    return found


def _live(found: FoundSession | None, *, acting_for: str | None, life: SessionLife, now: datetime) -> SessionView:
    """The session for an account of its log-in, None: for the one that it was opened for or switched to."""
    if found is None:
        raise _over()
    signed_in = found.signed_in
    if life.ends_at(opened_at=signed_in.opened_at, last_seen_at=signed_in.last_seen_at) <= now:
        raise _over()
    own = {account.customer_id for account in found.accounts}
    if not {signed_in.customer_id, acting_for or signed_in.customer_id} <= own:
        raise _over()
    ends_at = life.ends_at(opened_at=signed_in.opened_at, last_seen_at=now)
    return queries.session_view(signed_in, found.accounts, acting_for=acting_for, ends_at=ends_at)


def _over() -> Refused:
    return Refused(codes.WRONG_CREDENTIALS, "Your session is over. Please log in again.")
