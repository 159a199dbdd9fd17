"""Stripe's webhooks: verified, stored, answered; then worked on by asking Stripe for the present state.

What a webhook says is only a hint that something changed: duplicate, late and reordered ones end the same.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from chassis.wakeups import wake_at_commit
from contracts import codes
from contracts.payments import ReceiveStripeWebhook, WebhookTaken
from contracts.wire import Refused
from services.payments.clients.provider import ForgedWebhook
from services.payments.domain import schedule, states
from services.payments.models import Payment, StripeEvent
from services.payments.operations import lease, settle
from services.payments.operations.tools import Tools

log = logging.getLogger(__name__)

WORKER = "webhooks"
BATCH = 50
_ASIDE = timedelta(minutes=5)
_WHILE_LEASED = timedelta(seconds=2)


def receive_stripe_webhook(tools: Tools, command: ReceiveStripeWebhook) -> WebhookTaken:
    """Verify and store a webhook; once this answers, the sender may forget it. Refused `invalid` when forged."""
    try:
        event = tools.provider.verify_webhook(command.payload, command.signature)
    except ForgedWebhook as error:
        log.warning("a webhook was refused: %s", error)
        raise Refused(codes.INVALID, "This webhook is not signed as it should be.", field="signature") from error
    now = tools.system_clock.now()
    insert = sqlite.insert if tools.database.is_sqlite else postgresql.insert
    with tools.database.transaction() as session:
        inserted = session.execute(
            insert(StripeEvent)
            .values(
                event_id=event.event_id,
                type=event.type,
                object_id=event.object_id,
                payment_id=event.payment_id,
                received_at=now,
                next_try_at=now if _may_bring_news(event.type) else None,
                attempts=0,
            )
            .on_conflict_do_nothing(index_elements=["event_id"])
            .returning(StripeEvent.event_id)
        )
        is_new = inserted.scalar_one_or_none() is not None
        if is_new and _may_bring_news(event.type):
            wake_at_commit(session, WORKER)
    return WebhookTaken(event_id=event.event_id, duplicate=not is_new)


def apply_webhooks(tools: Tools) -> bool:
    """Work on stored webhooks, at most `BATCH`; True when there may be more."""
    events = _take_due(tools)
    if not events:
        return False
    payments = _payments_of(tools, events)
    next_tries: dict[str, datetime | None] = {}
    for event in events:
        payment = payments.get(event.object_id) or payments.get(event.payment_id or "")
        try:
            next_tries[event.event_id] = _apply(tools, event, payment)
        except Exception:
            # One that cannot be handled must not keep the others waiting.
            log.exception("webhook %s (%s) could not be applied", event.event_id, event.type)
            next_tries[event.event_id] = schedule.webhook_retry_at(tools.system_clock.now(), attempts=event.attempts)
    _plan(tools, next_tries)
    return len(events) == BATCH


def _may_bring_news(event_type: str) -> bool:
    # An intent's creation is our own doing, and charges and the like follow their intent.
    return event_type.startswith("payment_intent.") and event_type != "payment_intent.created"


def _apply(tools: Tools, event: StripeEvent, payment: Payment | None) -> datetime | None:
    """Bring the event's payment to its present state; return when to try again, None when that is done."""
    if payment is None or payment.state == "created" or _is_old_news(payment, event):
        return None
    now = tools.system_clock.now()
    if lease.is_leased(payment, now):
        # Somebody is asking Stripe about it this moment; look again when that has ended.
        return now + _WHILE_LEASED
    if payment.state in states.SETTLED:
        # Money for a payment that had come to nothing: it is never refused once received.
        settle.settle(tools, payment)
    else:
        settle.look_again(tools, payment)
    return None


def _is_old_news(payment: Payment, event: StripeEvent) -> bool:
    if payment.state == "succeeded":
        return True
    return payment.state in states.SETTLED and event.type != "payment_intent.succeeded"


def _payments_of(tools: Tools, events: Sequence[StripeEvent]) -> Mapping[str, Payment]:
    """The payments that the events are about, by the provider's id and by ours."""
    object_ids = {event.object_id for event in events}
    payment_ids = {event.payment_id for event in events if event.payment_id}
    query = select(Payment).where(or_(Payment.stripe_intent_id.in_(object_ids), Payment.payment_id.in_(payment_ids)))
    with tools.database.read() as session:
        payments = session.execute(query).scalars().all()
    by_intent = {payment.stripe_intent_id: payment for payment in payments if payment.stripe_intent_id}
    return by_intent | {payment.payment_id: payment for payment in payments}


def _take_due(tools: Tools) -> Sequence[StripeEvent]:
    now = tools.system_clock.now()
    due = select(StripeEvent).where(StripeEvent.next_try_at <= now)
    with tools.database.read() as session:
        if session.execute(due.limit(1)).first() is None:
            return []
    with tools.database.transaction() as session:
        events = session.execute(
            due.order_by(StripeEvent.next_try_at).limit(BATCH).with_for_update(skip_locked=True)
        ).scalars()
        taken = list(events)
        for event in taken:
            # Back again by itself should this worker be killed.
            event.next_try_at = now + _ASIDE
            event.attempts += 1
    return taken


def _plan(tools: Tools, next_tries: Mapping[str, datetime | None]) -> None:
    rows = [{"id": event_id, "at": next_try_at} for event_id, next_try_at in next_tries.items()]
    statement = (
        update(StripeEvent.__table__)  # type: ignore[arg-type]
        .where(StripeEvent.event_id == bindparam("id"))
        .values(next_try_at=bindparam("at"))
    )
    with tools.database.transaction() as session:
        session.execute(statement, rows)
