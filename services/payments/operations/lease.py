"""One worker at a time drives a payment. Only work is saved by that: twice driven, it is still charged once."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from chassis.database import Database
from contracts import codes
from contracts.wire import Refused
from services.payments.domain import schedule, states
from services.payments.models import Payment
from services.payments.operations import transition
from services.payments.operations.tools import Tools

WAIT_FOR_OTHER_S = 15.0
_POLL_S = 0.05


class Leasable(Protocol):
    """A row that one worker at a time has to itself."""

    leased_until: datetime | None


Row = TypeVar("Row", bound=Leasable)


def is_leased(row: Leasable, now: datetime) -> bool:
    """Whether a worker has the payment, or whatever it is, to itself at `now`."""
    return row.leased_until is not None and row.leased_until > now


def take(tools: Tools, payment_id: str) -> Payment | None:
    """Return the payment for the caller alone; None when it is settled or another worker has it."""
    now = tools.system_clock.now()
    with tools.database.transaction() as session:
        payment = transition.locked(session, payment_id)
        if payment.state in states.SETTLED or is_leased(payment, now):
            return None
        payment.leased_until = now + schedule.LEASE
        return payment


def load(database: Database, payment_id: str) -> Payment:
    """Return the payment as it is now. Refused `not_found`."""
    with database.read() as session:
        payment = session.get(Payment, payment_id)
    if payment is None:
        raise Refused(codes.NOT_FOUND, "This payment does not exist.")
    return payment


def wait_for_other(tools: Tools, payment_id: str) -> Payment:
    """Return the payment once its worker is done with it, or as it is when that takes too long."""
    return once_free(tools, lambda: load(tools.database, payment_id))


def once_free(tools: Tools, load_row: Callable[[], Row]) -> Row:
    """Return the row once its worker is done with it, or as it is when that takes too long."""
    give_up_at = time.monotonic() + WAIT_FOR_OTHER_S
    while True:
        row = load_row()
        if not is_leased(row, tools.system_clock.now()) or time.monotonic() > give_up_at:
            return row
        time.sleep(_POLL_S)
