"""The consent passport: every change of consent to texts, added and never changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from chassis.ids import new_id
from contracts.notify import ConsentAction, ConsentSource
from services.notify.models import ConsentRecord

_LONGEST_ADDRESS = 45
_LONGEST_AGENT = 300


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What changes consent: who or what, with which words, from where."""

    source: ConsentSource
    words: str = ""
    words_version: str = ""
    ip_address: str = ""
    user_agent: str = ""


def record(
    session: Session, *, customer_id: str | None, number: str, action: ConsentAction, cause: Cause, now: datetime
) -> str:
    """Add an entry; return its id."""
    entry = ConsentRecord(
        entry_id=new_id(),
        customer_id=customer_id,
        number=number,
        action=action,
        source=cause.source,
        words=cause.words,
        words_version=cause.words_version,
        occurred_at=now,
        ip_address=cause.ip_address[:_LONGEST_ADDRESS],
        user_agent=cause.user_agent[:_LONGEST_AGENT],
    )
    session.add(entry)
    return entry.entry_id
