"""Asking the provider about payments whose outcome is open. Webhooks are faster; this needs none of them."""

import logging
from datetime import timedelta

from sqlalchemy import or_, select

from contracts import codes
from contracts.wire import Refused
from services.payments.domain import schedule
from services.payments.models import Payment
from services.payments.operations import settle, submit, transition
from services.payments.operations.tools import Tools

log = logging.getLogger(__name__)

BATCH = 20
_TRY_AGAIN_IN = timedelta(minutes=5)


def reconcile_due(tools: Tools) -> bool:
    """Look at the payments whose time has come, at most `BATCH`; True when there may be more."""
    due = _take_due(tools)
    for payment in due:
        reconcile(tools, payment)
    return len(due) == BATCH


def reconcile(tools: Tools, payment: Payment) -> None:
    """Bring one payment that the caller leases to its end, as far as it gets.

    One that was never submitted is over: nobody waits for it any more, and nothing was charged.
    """
    try:
        if payment.state == "created":
            refusal = Refused(codes.UNAVAILABLE, "This payment was interrupted. Nothing was charged.")
            submit.give_up(tools, payment.payment_id, refusal, billing_was_asked=True)
        else:
            settle.settle(tools, payment)
    except submit.Overtaken as overtaken:
        log.info("left to the worker that was faster: %s", overtaken)
    except Exception:
        # One payment that cannot be handled must not keep the others waiting.
        log.exception("payment %s could not be reconciled", payment.payment_id)
        with tools.database.transaction() as session:
            row = transition.locked(session, payment.payment_id)
            row.leased_until = None
            row.next_check_at = tools.system_clock.now() + _TRY_AGAIN_IN


def _take_due(tools: Tools) -> list[Payment]:
    now = tools.system_clock.now()
    with tools.database.read() as session:
        due = select(Payment.payment_id).where(Payment.next_check_at <= now).limit(1)
        if session.execute(due).first() is None:
            return []
    with tools.database.transaction() as session:
        payments = list(
            session.execute(
                select(Payment)
                .where(
                    Payment.next_check_at <= now,
                    or_(Payment.leased_until.is_(None), Payment.leased_until <= now),
                )
                .order_by(Payment.next_check_at)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            ).scalars()
        )
        for payment in payments:
            # Enough for the whole batch: they are worked on one after the other.
            payment.leased_until = now + schedule.LEASE * BATCH
    return payments
