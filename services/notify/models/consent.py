"""Consent to texts: as it stands, how it came about, and what carriers say of a number."""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.tables import UtcDateTime
from contracts.notify import ConsentAction, ConsentSource
from services.notify.models.base import ID, Base

NUMBER = String(16)
"""E.164: a plus and fifteen digits at most."""


class TextConsent(Base):
    """Whether a customer agrees to texts to a number. Another number on file is another row: agreed to anew or not."""

    __tablename__ = "text_consents"
    __table_args__ = (Index("ix_text_consents_number", "number"),)

    customer_id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[str] = mapped_column(NUMBER, primary_key=True)
    is_on: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConsentRecord(Base):
    """One change of consent, kept for ever: rows are added, never changed. `customer_id` None: a number of nobody's."""

    __tablename__ = "consent_records"
    __table_args__ = (Index("ix_consent_records_customer_id_entry_id", "customer_id", "entry_id"),)

    entry_id: Mapped[str] = mapped_column(ID, primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(ID)
    number: Mapped[str] = mapped_column(NUMBER)
    action: Mapped[ConsentAction] = mapped_column(String(10))
    source: Mapped[ConsentSource] = mapped_column(String(20))
    # What was agreed to, or the text message by which it was changed, word for word.
    words: Mapped[str] = mapped_column(Text)
    words_version: Mapped[str] = mapped_column(String(40))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ip_address: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(300))


class PhoneNumber(Base):
    """What is known of a number whoever's it is; its row is the lock of whatever a text from it changes."""

    __tablename__ = "phone_numbers"

    number: Mapped[str] = mapped_column(NUMBER, primary_key=True)
    # STOP came from it and no START since: a second STOP gets no second confirmation.
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The carrier refuses our texts (Twilio's 21610) until START comes from it.
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # No text reaches it: Twilio's code, such as 21211.
    invalid_code: Mapped[int | None] = mapped_column(Integer)
    # When a text for people was last answered: two machines would answer each other for ever.
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The number of ours that its texts come from, or that it answers to.
    our_number: Mapped[str | None] = mapped_column(String(40))
