"""What customers and strangers wrote to the business."""

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.tables import UtcDateTime
from services.notify.models.base import ID, Base

_UNANSWERED = text("answered_at IS NULL")


class ContactMessage(Base):
    """A message to the business, kept for good. Without a customer, name, address and phone are what somebody typed."""

    __tablename__ = "contact_messages"
    __table_args__ = (
        Index("ix_contact_messages_customer_id_received_at", "customer_id", "received_at"),
        Index("ix_contact_messages_email_key_received_at", "email_key", "received_at"),
        Index("ix_contact_messages_network_received_at", "network", "received_at"),
        Index("ix_contact_messages_visitor_id_received_at", "visitor_id", "received_at"),
        Index("ix_contact_messages_unanswered", "message_id", postgresql_where=_UNANSWERED, sqlite_where=_UNANSWERED),
    )

    message_id: Mapped[str] = mapped_column(ID, primary_key=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    customer_id: Mapped[str | None] = mapped_column(ID)
    reference: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(40))
    topic: Mapped[str] = mapped_column(String(120))
    invoice_id: Mapped[str | None] = mapped_column(String(100))
    invoice_number: Mapped[str] = mapped_column(String(100))
    message: Mapped[str] = mapped_column(Text)
    # Why it looks like spam, by commas; empty: it does not.
    suspicions: Mapped[str] = mapped_column(String(100))
    # Whence it came, for counting; forgotten after a day.
    network: Mapped[str | None] = mapped_column(String(45))
    visitor_id: Mapped[str | None] = mapped_column(String(64))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
