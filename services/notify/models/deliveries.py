"""E-mails: each with its state, and what is kept until one can be written."""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.tables import UtcDateTime
from contracts.notify import DeliveryState, MessageKind
from services.notify.models.base import ID, Base

_QUEUED = text("state = 'queued'")
_WAITING = text("state = 'waiting_for_contact'")


class Delivery(Base):
    """One message to one customer. `source_id` is what it is about: an invoice, a payment, a link."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("source_id", "kind"),
        Index("ix_deliveries_due", "next_try_at", "delivery_id", postgresql_where=_QUEUED, sqlite_where=_QUEUED),
        Index("ix_deliveries_waiting", "customer_id", postgresql_where=_WAITING, sqlite_where=_WAITING),
        Index("ix_deliveries_customer_id_delivery_id", "customer_id", "delivery_id"),
        Index("ix_deliveries_state_delivery_id", "state", "delivery_id"),
    )

    delivery_id: Mapped[str] = mapped_column(ID, primary_key=True)
    kind: Mapped[MessageKind] = mapped_column(String(40))
    source_id: Mapped[str] = mapped_column(String(100))
    customer_id: Mapped[str | None] = mapped_column(ID)
    to_address: Mapped[str | None] = mapped_column(String(254))
    # Written when the message is out; until then it can be made from the facts.
    subject: Mapped[str | None] = mapped_column(String(300))
    state: Mapped[DeliveryState] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # While queued: not before then. A worker that takes it moves this on, so that it is due again should it die.
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Which taking of it is under way; only that one may record an outcome.
    claim: Mapped[str | None] = mapped_column(ID)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(500))
    # JSON of one of domain.facts; null once the message is out.
    facts: Mapped[str | None] = mapped_column(Text)


class VoidInvoice(Base):
    """An invoice that counts no more: a `sent` that comes after this sends nothing."""

    __tablename__ = "void_invoices"

    invoice_id: Mapped[str] = mapped_column(ID, primary_key=True)
    voided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReceiptParts(Base):
    """The two facts a receipt is made of, until both are here. JSON of domain.facts; null before and afterwards."""

    __tablename__ = "receipt_parts"

    payment_id: Mapped[str] = mapped_column(ID, primary_key=True)
    payment: Mapped[str | None] = mapped_column(Text)
    allocation: Mapped[str | None] = mapped_column(Text)
    is_complete: Mapped[bool] = mapped_column(Boolean)
