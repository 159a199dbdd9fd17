"""Which messages customers want."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.tables import UtcDateTime
from contracts.notify import ReminderWay
from services.notify.models.base import ID, Base


class Choices(Base):
    """What a customer chose; no row where nothing was ever chosen. `unwanted` are kinds of e-mails, by commas."""

    __tablename__ = "choices"

    customer_id: Mapped[str] = mapped_column(ID, primary_key=True)
    unwanted: Mapped[str] = mapped_column(String(200))
    visit_reminder: Mapped[ReminderWay | None] = mapped_column(String(10))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
