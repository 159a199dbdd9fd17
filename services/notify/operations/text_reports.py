"""What Twilio reports of a text's fate: once, twice or never, in any order."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contracts.notify import ReceiveTextStatus, TextStatusTaken
from services.notify.models import TextMessage
from services.notify.operations import numbers

_UNDER_WAY = frozenset({"accepted", "scheduled", "queued", "sending", "sent"})
_ENDED_BADLY = frozenset({"undelivered", "failed", "canceled"})
_ARRIVED = frozenset({"delivered", "read"})
_KNOWN = _UNDER_WAY | _ENDED_BADLY | _ARRIVED
_CODES = frozenset(str(code) for code in numbers.UNREACHABLE | {numbers.BLOCKED})
_LONGEST_SENDER = 40


def receive(session: Session, command: ReceiveTextStatus, *, now: datetime) -> TextStatusTaken:
    """Take in a genuine report. It settles an unknown outcome as well: the address names the text."""
    fields = command.fields
    sid, status = fields.get("MessageSid", ""), fields.get("MessageStatus", "")
    text = _locked(session, command.url, sid)
    if text is None:
        return TextStatusTaken(known=False)
    if (sender := fields.get("From", "")) and len(sender) <= _LONGEST_SENDER:
        numbers.locked(session, text.number).our_number = sender
    if text.sid is None and status in _KNOWN:
        _note_taken(text, sid, now)
    if status in _ARRIVED and text.state != "delivered":
        text.state, text.delivered_at, text.last_error = "delivered", now, None
    elif status in _ENDED_BADLY and text.state == "sent":
        code = fields.get("ErrorCode", "")
        text.state, text.last_error = "failed", f"{code or 'no reason'}: {status}"
        numbers.note_trouble(session, text.number, int(code) if code in _CODES else None, now=now)
    return TextStatusTaken(known=True)


def _locked(session: Session, url: str, sid: str) -> TextMessage | None:
    """The text, held until the transaction ends, its number's row before it as everywhere."""
    named = parse_qs(urlsplit(url).query).get("text", [""])[0]
    text = session.scalar(select(TextMessage).where(or_(TextMessage.text_id == named, TextMessage.sid == sid)).limit(1))
    if text is not None:
        numbers.locked(session, text.number)
        session.refresh(text, with_for_update=True)
    return text


def _note_taken(text: TextMessage, sid: str, now: datetime) -> None:
    """Twilio has it, whatever we had heard."""
    text.state, text.sid, text.sent_at = "sent", sid, now
    text.body = text.next_try_at = text.claim = text.last_error = None
