"""Text messages, going out and coming in."""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.tables import UtcDateTime
from contracts.notify import TextKind, TextState
from services.notify.models.base import ID, Base
from services.notify.models.consent import NUMBER

_QUEUED = text("state = 'queued'")
SID = String(64)


class TextMessage(Base):
    """One text to one customer. `source_id` is what it is about; there is one of each kind about each thing."""

    __tablename__ = "text_messages"
    __table_args__ = (
        UniqueConstraint("source_id", "kind"),
        Index("ix_text_messages_due", "next_try_at", "text_id", postgresql_where=_QUEUED, sqlite_where=_QUEUED),
        Index("ix_text_messages_customer_id_text_id", "customer_id", "text_id"),
        Index("ix_text_messages_state_text_id", "state", "text_id"),
        Index("ix_text_messages_sid", "sid", unique=True),
    )

    text_id: Mapped[str] = mapped_column(ID, primary_key=True)
    kind: Mapped[TextKind] = mapped_column(String(40))
    source_id: Mapped[str] = mapped_column(String(100))
    customer_id: Mapped[str] = mapped_column(ID)
    number: Mapped[str] = mapped_column(NUMBER)
    # Null once the message is out or will never be.
    body: Mapped[str | None] = mapped_column(Text)
    state: Mapped[TextState] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Of no use after that, by the business's clock.
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Waits for the morning: looked at again at once when the business's clock is moved.
    is_held: Mapped[bool] = mapped_column(Boolean)
    # Which taking of it is under way; only that one may submit it or record an outcome.
    claim: Mapped[str | None] = mapped_column(ID)
    # Written and committed before Twilio is called, cleared when Twilio surely did not take it. While it is set and no
    # sid is known, the outcome is unknown: Twilio is asked what it has before anything is sent.
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sid: Mapped[str | None] = mapped_column(SID)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(500))


class IncomingText(Base):
    """A text that came from a phone, once each by Twilio's id for it, with the answer it got."""

    __tablename__ = "incoming_texts"
    __table_args__ = (Index("ix_incoming_texts_number_received_at", "number", "received_at"),)

    message_sid: Mapped[str] = mapped_column(SID, primary_key=True)
    number: Mapped[str] = mapped_column(NUMBER)
    body: Mapped[str] = mapped_column(Text)
    meaning: Mapped[str] = mapped_column(String(10))
    reply: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
