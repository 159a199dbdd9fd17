"""Alembic's entry: the own tables of payments and the chassis' tables."""

from chassis.migrations import run
from services.payments.models import Base

run(Base.metadata)
