"""Alembic's entry: balance's own tables and the chassis'."""

from chassis.migrations import run
from services.billing.balance.models import Base

run(Base.metadata)
