"""Telling the provider to forget cards. Here they are forgotten first, so nothing waits for its answer."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.wakeups import wake_at_commit
from services.payments.clients.provider import ProviderRefused, ProviderUncertain
from services.payments.domain import schedule, states
from services.payments.models import Detachment, Payment
from services.payments.operations.tools import Tools

log = logging.getLogger(__name__)

WORKER = "detachments"
BATCH = 20
_ASIDE = timedelta(minutes=5)
_ABOUT_US = ("AuthenticationError", "PermissionError")
"""Refusals of our key, which say nothing about the card."""
_UNDER_WAY = states.ON_THE_WAY | {"created"}


def plan(
    session: Session, payment_method_id: str, *, customer_id: str, now: datetime, removed_card_id: str | None = None
) -> None:
    """Have the provider forget a card soon after the commit."""
    if session.get(Detachment, payment_method_id) is None:
        session.add(
            Detachment(
                payment_method_id=payment_method_id,
                customer_id=customer_id,
                card_id=removed_card_id,
                since=now,
                next_try_at=now,
                attempts=0,
            )
        )
    wake_at_commit(session, WORKER)


def is_being_charged(session: Session, payment_method_id: str, *, customer_id: str) -> bool:
    """Whether a payment with this card is on its way, or about to be."""
    payment = select(Payment.payment_id).where(
        Payment.customer_id == customer_id,
        Payment.payment_method_id == payment_method_id,
        Payment.state.in_(sorted(_UNDER_WAY)),
    )
    return session.execute(payment.limit(1)).first() is not None


def detach_due(tools: Tools) -> bool:
    """Tell the provider of the cards whose time has come, at most `BATCH`; True when there may be more."""
    due = _take_due(tools)
    for detachment in due:
        _detach(tools, detachment)
    return len(due) == BATCH


def _detach(tools: Tools, detachment: Detachment) -> None:
    try:
        tools.provider.detach(detachment.payment_method_id)
    except ProviderUncertain as error:
        log.info("card %s is detached later: %s", detachment.payment_method_id, error)
        _plan_again(tools, detachment)
        return
    except ProviderRefused as refusal:
        if refusal.code in _ABOUT_US:
            log.error("card %s is detached later: %s", detachment.payment_method_id, refusal)
            _plan_again(tools, detachment)
            return
        # It is nobody's already, by an answer that was lost or by hand at the provider.
        log.info("card %s needed no detaching: %s", detachment.payment_method_id, refusal)
    _note(tools, detachment, None)


def _plan_again(tools: Tools, detachment: Detachment) -> None:
    next_try_at = schedule.detach_retry_at(tools.system_clock.now(), attempts=detachment.attempts)
    if next_try_at is None:
        log.error("card %s could not be detached: remove it at the provider", detachment.payment_method_id)
    _note(tools, detachment, next_try_at)


def _note(tools: Tools, detachment: Detachment, next_try_at: datetime | None) -> None:
    with tools.database.transaction() as session:
        row = session.get_one(Detachment, detachment.payment_method_id, with_for_update=True)
        row.next_try_at = next_try_at


def _take_due(tools: Tools) -> Sequence[Detachment]:
    """The cards to tell of now. One that a payment is being made with waits: detached, it would be declined."""
    now = tools.system_clock.now()
    due = select(Detachment).where(Detachment.next_try_at <= now)
    with tools.database.read() as session:
        if session.execute(due.limit(1)).first() is None:
            return []
    with tools.database.transaction() as session:
        taken = session.scalars(due.limit(BATCH).with_for_update(skip_locked=True)).all()
        for each in taken:
            # Back again by itself should this worker be killed.
            each.next_try_at = now + _ASIDE
        free = [
            each
            for each in taken
            if not is_being_charged(session, each.payment_method_id, customer_id=each.customer_id)
        ]
        for each in free:
            each.attempts += 1
    return free
