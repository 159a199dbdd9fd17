"""Alembic's way in."""

from chassis.migrations import run
from services.billing.models import Base

run(Base.metadata)
