"""Alembic's entry: notify's own tables and the chassis'."""

from chassis.migrations import run
from services.notify.models import Base

run(Base.metadata)
