"""Sending what is queued: take a few, commit, send them one after another on open connections, record each.

No transaction is open while a mail server is spoken to. A copy of the service that dies in between leaves its
deliveries due again after the lease; their Message-IDs are the same as before.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from eventlet.greenpool import GreenPool

from chassis.clock import SystemClock
from chassis.database import Database
from contracts import codes
from contracts.wire import Refused
from services.notify.clients.mail import ConnectionLost, Mail, MailConnection, MailError, Rejected
from services.notify.operations import contacts, errands, outcomes
from services.notify.operations.drafting import Drafting
from services.notify.operations.errands import Errand

log = logging.getLogger(__name__)

LANES = 4
"""Connections to the mail server at the same time."""

MOST_AT_ONCE = 40


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Sends deliveries. `drafting` makes their messages."""

    database: Database
    mail: Mail
    drafting: Drafting
    clock: SystemClock
    lanes: int = LANES
    at_once: int = MOST_AT_ONCE

    def send_some(self) -> bool:
        """Send what is due, at most `at_once` deliveries; False when nothing was."""
        now = self.clock.now()
        with self.database.transaction() as session:
            taken = errands.claim(session, now=now, limit=self.at_once)
            # Rare, and never in a hurry: looked for when the queue is empty, which it is after every run.
            overtaken = 0 if taken else contacts.queue_overtaken(session, now=now)
        shares = [taken[start :: self.lanes] for start in range(min(self.lanes, len(taken)))]
        for _ in GreenPool(self.lanes).imap(self._send_share, shares):
            pass
        return bool(taken) or overtaken > 0

    def _send_share(self, share: list[Errand]) -> None:
        """Send a lane's share on one connection; when that is lost, the rest on a new one."""
        waiting = list(share)
        while waiting:
            try:
                with self.mail.connect() as connection:
                    self._send_until_lost(connection, waiting)
            except ConnectionLost as error:
                # None of the rest is tried: each would only wait for the same time-out.
                log.warning("the mail server cannot be used: %s", error)
                for errand in waiting:
                    self._record(outcomes.put_off, errand, error)
                return

    def _send_until_lost(self, connection: MailConnection, waiting: list[Errand]) -> None:
        """Send from the front of `waiting`, which loses what is done with."""
        while waiting:
            errand = waiting.pop(0)
            try:
                self._send_one(connection, errand)
            except ConnectionLost as error:
                self._record(outcomes.put_off, errand, error)
                return

    def _send_one(self, connection: MailConnection, errand: Errand) -> None:
        with self.database.read() as session:
            if not outcomes.is_ours(session, errand):
                # Withdrawn since, or taken over after the lease.
                return
        try:
            draft = self.drafting.draft(errand, at=self.clock.now())
            connection.send(draft.message, to=draft.to)
        except ConnectionLost:
            raise
        except Rejected as error:
            self._record(outcomes.give_up, errand, error)
        except MailError as error:
            self._record(outcomes.put_off, errand, error)
        except Refused as refused:
            gone = refused.code == codes.LINK_NOT_VALID
            self._record(outcomes.withdraw if gone else outcomes.put_off, errand, refused)
        except Exception as error:
            # Ours to mend; meanwhile the others are sent. The error's text may hold what the message says.
            log.exception("delivery %s cannot be made into a message", errand.delivery_id)
            self._record(outcomes.put_off, errand, f"the message cannot be made: {type(error).__name__}")
        else:
            subject = str(draft.message["Subject"])
            with self.database.transaction() as session:
                outcomes.delivered(session, errand, to=draft.to, subject=subject, now=self.clock.now())

    def _record(self, outcome: Callable[..., None], errand: Errand, reason: object) -> None:
        now: datetime = self.clock.now()
        log.info("delivery %s, try %d: %s", errand.delivery_id, errand.attempts, reason)
        with self.database.transaction() as session:
            outcome(session, errand, str(reason), now=now)
