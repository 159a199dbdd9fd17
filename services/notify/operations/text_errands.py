"""Taking texts to be sent, and the last look before each: consent, the hour, whether it still is of use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chassis.ids import new_id
from services.notify.domain import phone_numbers, retries
from services.notify.domain.quiet_hours import quiet_at
from services.notify.models import TextMessage
from services.notify.operations import texts

LEASE = timedelta(minutes=2)
"""How long a taken text is left to whoever took it. Longer than Twilio takes to answer or to be given up on, so that
what it was given is in its list by then.
"""


@dataclass(frozen=True, kw_only=True)
class TextErrand:
    """A text that was taken to be sent. `submitted_at`: it may be at Twilio already, since then."""

    text_id: str
    claim: str
    number: str
    submitted_at: datetime | None


def claim(session: Session, *, now: datetime, limit: int) -> list[TextErrand]:
    """Take texts that are due, the longest waiting first."""
    due = list(
        session.scalars(
            select(TextMessage)
            .where(TextMessage.state == "queued", TextMessage.next_try_at <= now)
            .order_by(TextMessage.next_try_at, TextMessage.text_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    name = new_id()
    for text in due:
        text.claim, text.next_try_at = name, now + LEASE
    return [
        TextErrand(text_id=text.text_id, claim=name, number=text.number, submitted_at=text.submitted_at) for text in due
    ]


def ours(session: Session, errand: TextErrand) -> TextMessage | None:
    """The text, held until the transaction ends, if it is still to be sent and still ours."""
    return session.scalar(
        select(TextMessage)
        .where(
            TextMessage.text_id == errand.text_id,
            TextMessage.claim == errand.claim,
            TextMessage.state == "queued",
        )
        .with_for_update()
    )


def submit(
    session: Session, errand: TextErrand, *, now: datetime, business_now: datetime, business_zone: str
) -> str | None:
    """Write down that the text is being handed over, and return its words; None where it is not to be sent now.

    Consent is looked at here, in the last transaction before the call.
    """
    text = ours(session, errand)
    if text is None or text.body is None:
        return None
    if text.expires_at is not None and business_now >= text.expires_at:
        end(text, "withdrawn", "it came too late to be of use")
        return None
    if texts.textable_number(session, text.customer_id) != text.number:
        end(text, "withdrawn", "the customer does not agree to texts to this number any more")
        return None
    if text.attempts >= retries.MOST_TRIES:
        end(text, "failed", text.last_error or "the last try was cut off")
        return None
    quiet = quiet_at(business_now, phone_numbers.time_zones(text.number), otherwise=business_zone)
    if quiet is not None:
        text.next_try_at = now + (quiet.until - business_now)
        text.is_held, text.claim, text.submitted_at = True, None, None
        return None
    text.attempts += 1
    text.submitted_at, text.is_held = now, False
    return text.body


def end(text: TextMessage, state: Literal["failed", "withdrawn"], reason: str) -> None:
    """It will never be sent."""
    text.state, text.last_error = state, reason[:500]
    text.body = text.next_try_at = text.claim = None


def known_sids(session: Session, sids: Sequence[str]) -> set[str]:
    """Which of these are texts of which we know already."""
    return set(session.scalars(select(TextMessage.sid).where(TextMessage.sid.in_(sids))))


def release(session: Session, errand: TextErrand, *, at: datetime) -> None:
    """Leave the text for another try; what may be at Twilio stays so."""
    session.execute(
        update(TextMessage)
        .where(TextMessage.text_id == errand.text_id, TextMessage.claim == errand.claim)
        .values(next_try_at=at, claim=None)
        .execution_options(synchronize_session=False)
    )
