"""Alembic's entry: the own tables of payments and the chassis' tables."""

from chassis.migrations import run
from services.payments.auto_pay_models import AutoPayAccount

run(AutoPayAccount.metadata)
