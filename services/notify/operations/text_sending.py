"""Sending texts: record the intent, commit, hand over, record the outcome.

Twilio has no idempotency keys. A text whose outcome is unknown (no answer, or we died before writing it down) is looked
for among the latest texts to its number before it is handed over again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from eventlet.greenpool import GreenPool

from chassis.clock import BusinessClock, SystemClock
from chassis.database import Database
from services.notify.clients.texting import OutcomeUnknown, TakenText, TextError, Texting, TextNotNow, TextRefused
from services.notify.domain import retries, same_words
from services.notify.operations import numbers, text_errands
from services.notify.operations.text_errands import TextErrand

log = logging.getLogger(__name__)

LANES = 4
MOST_AT_ONCE = 40
LOOK_AFTER = timedelta(seconds=30)
"""When to look for a text that got no answer."""

_SKEW = timedelta(minutes=5)
"""Between Twilio's clock and ours, at most."""


@dataclass(frozen=True, kw_only=True)
class TextSender:
    """Sends texts. `texting` None: there is nobody to send them by. `report_to` makes the address of reports."""

    database: Database
    texting: Texting | None
    report_to: Callable[[str], str]
    clock: SystemClock
    business_clock: BusinessClock
    lanes: int = LANES
    at_once: int = MOST_AT_ONCE

    def send_some(self) -> bool:
        """Send what is due, at most `at_once` texts; False when nothing was."""
        texting = self.texting
        if texting is None:
            return False
        with self.database.transaction() as session:
            taken = text_errands.claim(session, now=self.clock.now(), limit=self.at_once)
        for _ in GreenPool(self.lanes).imap(lambda errand: self._send(texting, errand), taken):
            pass
        return bool(taken)

    def _send(self, texting: Texting, errand: TextErrand) -> None:
        try:
            if errand.submitted_at is not None and self._was_taken(texting, errand, errand.submitted_at):
                return
            body = self._submit(errand)
            if body is not None:
                self._hand_over(texting, errand, body)
        except TextNotNow as error:
            log.warning("text %s cannot be looked for: %s", errand.text_id, error)
            with self.database.transaction() as session:
                text_errands.release(session, errand, at=self.clock.now() + LOOK_AFTER)
        except Exception:
            # Ours to mend; it is due again after its lease, and the others are sent meanwhile.
            log.exception("text %s cannot be sent", errand.text_id)

    def _submit(self, errand: TextErrand) -> str | None:
        with self.database.transaction() as session:
            return text_errands.submit(
                session,
                errand,
                now=self.clock.now(),
                business_now=self.business_clock.now(session),
                business_zone=self.business_clock.time_zone.key,
            )

    def _hand_over(self, texting: Texting, errand: TextErrand, body: str) -> None:
        try:
            taken = texting.send(to=errand.number, body=body, report_to=self.report_to(errand.text_id))
        except TextError as error:
            log.info("text %s: %s", errand.text_id, error)
            self._record_failure(errand, error)
        else:
            self._record_taken(errand, taken)

    def _was_taken(self, texting: Texting, errand: TextErrand, since: datetime) -> bool:
        """Look for a text of unknown outcome; True when it is found, or is no more ours to send."""
        with self.database.transaction() as session:
            text = text_errands.ours(session, errand)
            body = text.body if text is not None else None
        if body is None:
            return True
        found = [
            each
            for each in texting.latest_to(errand.number)
            if same_words.are_same(each.body, body) and (each.created_at is None or each.created_at >= since - _SKEW)
        ]
        with self.database.read() as session:
            known = text_errands.known_sids(session, [each.sid for each in found])
        new = [each for each in found if each.sid not in known]
        if new:
            # The oldest: newer ones of the same words belong to whoever looks for those.
            self._record_taken(errand, new[-1])
        return bool(new)

    def _record_taken(self, errand: TextErrand, taken: TakenText) -> None:
        with self.database.transaction() as session:
            text = text_errands.ours(session, errand)
            if text is not None:
                text.state, text.sid, text.sent_at = "sent", taken.sid, self.clock.now()
                text.body = text.next_try_at = text.claim = text.last_error = None

    def _record_failure(self, errand: TextErrand, error: TextError) -> None:
        now = self.clock.now()
        with self.database.transaction() as session:
            # First of all locks, as everywhere: a report and a STOP come at the same time.
            numbers.locked(session, errand.number)
            text = text_errands.ours(session, errand)
            if text is None:
                return
            pause = retries.pause_after(text.attempts)
            if isinstance(error, TextRefused) or pause is None:
                text_errands.end(text, "failed", str(error))
                numbers.note_trouble(session, errand.number, error.code, now=now)
                return
            text.last_error, text.claim = str(error)[:500], None
            if isinstance(error, OutcomeUnknown):
                text.next_try_at = now + LOOK_AFTER
            else:
                text.submitted_at, text.next_try_at = None, now + pause


def reports_at(portal_url: str) -> Callable[[str], str]:
    """Makes the address to which a text's fate is reported: it names the text, whose sid we may never have learnt."""
    base = portal_url.rstrip("/")
    return lambda text_id: f"{base}/webhooks/twilio/status?text={text_id}"
