"""A signed-in customer chooses another password."""

from datetime import datetime

from sqlalchemy.orm import Session

from chassis import outbox
from chassis.ids import new_id
from contracts import codes
from contracts.identity import ChangePassword, Done, PasswordChanged
from contracts.wire import Refused
from services.identity import queries
from services.identity.domain import passwords
from services.identity.domain.passwords import WeakPassword
from services.identity.models import LogIn
from services.identity.operations import access
from services.identity.operations.proving import Prover


def change_password(prover: Prover, command: ChangePassword) -> Done:
    """Set the password, and end every other session and every link of the address.

    Refused `wrong_credentials` with field `current_password`, `password_too_weak`, `throttled`.
    """
    with prover.database.read() as session:
        email_key = session.get_one(
            LogIn, prover.own(session, command.session_token, command.customer_id).signed_in.log_in_id
        ).email_key
    try:
        passwords.check(passwords.normalized(command.new_password), email=email_key)
    except WeakPassword as error:
        raise Refused(codes.PASSWORD_TOO_WEAK, str(error), field="new_password") from None
    proved = prover.prove(
        session_token=command.session_token,
        customer_id=command.customer_id,
        password=command.current_password,
        field="current_password",
        ip_address=command.ip_address,
    )
    password_hash = prover.vault.hash(command.new_password)
    with prover.database.transaction() as session:
        log_in = prover.still(session, proved)
        # One that ended meanwhile may not set a password any more.
        current = prover.own(session, command.session_token, command.customer_id).signed_in
        log_in.password_hash = password_hash
        log_in.password_set_at = prover.now
        session.flush()
        access.end_sessions(session, log_in.log_in_id, but=current.session_id)
        access.end_links(session, log_in.email_key, now=prover.now)
        tell(session, log_in, now=prover.now)
    return Done()


def tell(session: Session, log_in: LogIn, *, now: datetime) -> None:
    """Have the owner of the address told that the password is another one."""
    accounts = queries.accounts_of(session, log_in.email_key)
    if not accounts:
        return
    change_id = new_id()
    outbox.record(
        session,
        PasswordChanged(
            change_id=change_id,
            email=accounts[0].email or log_in.email_key,
            name=accounts[0].name,
            changed_at=now,
            customer_ids=[account.customer_id for account in accounts],
        ),
        aggregate_id=change_id,
        aggregate_version=1,
        ordering_key=accounts[0].customer_id,
    )
