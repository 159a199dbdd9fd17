"""Proving again who one is: a signed-in customer types the present password before something weighty."""

from datetime import datetime

from sqlalchemy.orm import Session

from chassis.database import Database
from contracts import codes
from contracts.wire import Refused
from services.identity.domain import passwords
from services.identity.domain.sessions import SessionLife
from services.identity.models import LogIn
from services.identity.operations import sessions, tries
from services.identity.operations.collisions import again_if_taken
from services.identity.operations.password_hashing import PasswordVault
from services.identity.queries import FoundSession


class Prover:
    """Checks the present password of the log-in that a session belongs to, counted as log-ins are."""

    def __init__(self, database: Database, vault: PasswordVault, *, life: SessionLife, now: datetime) -> None:
        self.database = database
        self.vault = vault
        self.now = now
        self._life = life

    def prove(self, *, session_token: str, customer_id: str, password: str, field: str, ip_address: str) -> LogIn:
        """Return the log-in whose password this is. Refused `wrong_credentials` (at `field` for a wrong password,
        without one for a session that is over) or `throttled`. No transaction is open while the hash is computed.
        """
        with self.database.read() as session:
            log_in = session.get_one(LogIn, self.own(session, session_token, customer_id).signed_in.log_in_id)
        again_if_taken(
            self.database,
            lambda session: tries.count_try(session, email_key=log_in.email_key, ip_address=ip_address, now=self.now),
        )
        too_long = len(password) > passwords.LONGEST
        if too_long or not self.vault.verify(log_in.password_hash, password):
            raise Refused(codes.WRONG_CREDENTIALS, "This is not your present password.", field=field)
        with self.database.transaction() as session:
            tries.forgive(session, email_key=log_in.email_key, ip_address=ip_address, now=self.now)
        return log_in

    def own(self, session: Session, session_token: str, customer_id: str) -> FoundSession:
        """The session, if it is still one. Refused `wrong_credentials`."""
        return sessions.own(session, session_token, customer_id, life=self._life, now=self.now)

    def still(self, session: Session, log_in: LogIn) -> LogIn:
        """Lock the log-in; its password is still the one that was proved. Refused `wrong_credentials`."""
        present = session.get(LogIn, log_in.log_in_id, with_for_update=True)
        if present is None or present.password_hash != log_in.password_hash:
            raise Refused(codes.WRONG_CREDENTIALS, "Your session is over. Please log in again.")
        return present
