"""Months in which there was something on a customer's account, until their statement is told."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import ID, Base


class ActiveMonth(Base):
    """A customer had an invoice or made a payment in this month, written 2026-11. Gone once it has been told."""

    __tablename__ = "active_months"
    __table_args__ = (Index("ix_active_months_month", "month"),)

    customer_id: Mapped[str] = mapped_column(ID, primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
