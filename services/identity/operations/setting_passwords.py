"""Setting a password with a one-time link."""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from chassis.database import Database
from chassis.ids import new_id
from contracts import codes
from contracts.identity import Done, SetPassword
from contracts.wire import Refused
from services.identity.domain import passwords, tokens
from services.identity.domain.passwords import WeakPassword
from services.identity.models import Customer, Link, LogIn
from services.identity.operations import access, changing_passwords, links, tries
from services.identity.operations.collisions import again_if_taken
from services.identity.operations.password_hashing import PasswordVault


def set_password(database: Database, vault: PasswordVault, command: SetPassword, *, now: datetime) -> Done:
    """Use up the link, set the password and end every session. Of two at the same time one is refused.

    Refused `link_not_valid`, and `password_too_weak`, which leaves the link as it was.
    """
    token_hash = tokens.token_hash(command.token)
    with database.read() as session:
        link = links.usable(links.find(session, command.token), now=now)
    try:
        passwords.check(passwords.normalized(command.password), email=link.email)
    except WeakPassword as error:
        raise Refused(codes.PASSWORD_TOO_WEAK, str(error), field="password") from None
    password_hash = vault.hash(command.password)
    again_if_taken(database, lambda session: _use_link(session, token_hash, password_hash, now=now))
    return Done()


def _use_link(session: Session, token_hash: str, password_hash: str, *, now: datetime) -> None:
    # The condition is judged under the row's lock: the second of two takers finds the link used.
    email_key = session.scalar(
        update(Link)
        .where(
            Link.token_hash == token_hash,
            # A link that changes an address sets no password.
            Link.replaces_key.is_(None),
            Link.used_at.is_(None),
            Link.ended_at.is_(None),
            Link.expires_at > now,
            exists().where(Customer.email_key == Link.email_key),
        )
        .values(used_at=now)
        .returning(Link.email_key)
        .execution_options(synchronize_session=False)
    )
    if email_key is None:
        raise links.not_valid()
    log_in = session.scalar(select(LogIn).where(LogIn.email_key == email_key).with_for_update())
    is_new = log_in is None
    if log_in is None:
        log_in = LogIn(log_in_id=new_id(), email_key=email_key, created_at=now)
        session.add(log_in)
    log_in.password_hash = password_hash
    log_in.password_set_at = now
    session.flush()
    access.end_sessions(session, log_in.log_in_id)
    access.end_links(session, email_key, now=now)
    # Whoever proved to own the address need not wait for somebody else's wrong guesses.
    tries.forgive_account(session, email_key)
    if not is_new:
        changing_passwords.tell(session, log_in, now=now)
