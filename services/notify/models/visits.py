"""Visits, as far as customers are reminded of them."""

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.tables import UtcDateTime
from contracts.billing import VisitState
from services.notify.models.base import ID, Base

_DUE = text("due_at IS NOT NULL")
_LAPSES = text("lapses_at IS NOT NULL")


class VisitReminder(Base):
    """A visit as billing last said, and what its customer was told; replaced only by a higher version.

    All instants are the business clock's.
    """

    __tablename__ = "visit_reminders"
    __table_args__ = (
        Index("ix_visit_reminders_due", "due_at", postgresql_where=_DUE, sqlite_where=_DUE),
        Index("ix_visit_reminders_lapsing", "lapses_at", postgresql_where=_LAPSES, sqlite_where=_LAPSES),
    )

    visit_id: Mapped[str] = mapped_column(ID, primary_key=True)
    customer_id: Mapped[str] = mapped_column(ID)
    # 0 where no event was taken yet.
    version: Mapped[int] = mapped_column(Integer)
    state: Mapped[VisitState] = mapped_column(String(10))
    # JSON of domain.facts.visits.VisitFacts.
    visit: Mapped[str] = mapped_column(Text)
    # When the reminder goes out; null: none will, or it is out.
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # JSON of domain.facts.visits.When: what the customer was told last, and when that was.
    told: Mapped[str | None] = mapped_column(Text)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The source id of the messages that told it.
    told_as: Mapped[str | None] = mapped_column(String(100))
    # What is not out by then is withdrawn.
    lapses_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
