"""Alembic's entry: identity's own tables and the chassis'."""

from chassis.migrations import run
from services.identity.models import Base

run(Base.metadata)
