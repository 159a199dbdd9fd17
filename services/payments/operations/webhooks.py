"""Stripe's webhooks: verified, stored, answered; then worked on by asking Stripe for the present state.

What a webhook says is only a hint that something changed: duplicate, late and reordered ones end the same.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.wakeups import wake_at_commit
from contracts import codes
from contracts.payments import PaymentState, ReceiveStripeWebhook, WebhookTaken
from contracts.wire import Refused
from services.payments.clients.provider import ForgedWebhook, WebhookEvent
from services.payments.domain import schedule, states
from services.payments.domain.webhook_types import OF_CARDS, OF_PAYMENTS, OF_RETURNS
from services.payments.models import Payment, StripeEvent
from services.payments.operations import returns, settle, setup_record
from services.payments.operations.tools import Tools

log = logging.getLogger(__name__)

WORKER = "webhooks"
BATCH = 50
_ASIDE = timedelta(minutes=5)
_WHILE_LEASED = timedelta(seconds=2)

# Built once: how a statement compiles is remembered with it.
_STANDING = select(Payment.state, Payment.leased_until).where(
    or_(Payment.stripe_intent_id == bindparam("object_id"), Payment.payment_id == bindparam("payment_id"))
)
_STORED = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(StripeEvent.__table__).on_conflict_do_nothing(
        index_elements=["event_id"]
    )
    for dialect in (postgresql, sqlite)
}


def receive_stripe_webhook(tools: Tools, command: ReceiveStripeWebhook) -> WebhookTaken:
    """Verify and store a webhook; once this answers, the sender may forget it. Refused `invalid` when forged."""
    try:
        event = tools.provider.verify_webhook(command.payload, command.signature)
    except ForgedWebhook as error:
        log.warning("a webhook was refused: %s", error)
        raise Refused(codes.INVALID, "This webhook is not signed as it should be.", field="signature") from error
    now = tools.system_clock.now()
    with tools.database.transaction() as session:
        look_at = _first_look_at(session, event, now)
        row = {
            "event_id": event.event_id,
            "type": event.type,
            "object_id": event.object_id,
            "payment_id": event.payment_id,
            "received_at": now,
            "next_try_at": look_at,
            "attempts": 0,
        }
        stored = session.execute(_STORED[session.get_bind().dialect.name], row)
        is_new = bool(stored.rowcount)  # type: ignore[attr-defined]
        if is_new and look_at == now:
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


def _first_look_at(session: Session, event: WebhookEvent, now: datetime) -> datetime | None:
    """When the worker is to see to a webhook that has just come; None when there is nothing in it for us.

    Nearly all come while the payment is being made or right after it, and need no work at all.
    """
    if event.type in OF_CARDS:
        setup_record.hint(session, event.object_id, now=now)
        return None
    if event.type in OF_RETURNS:
        return now
    if event.type not in OF_PAYMENTS:
        return None
    names = {"object_id": event.object_id, "payment_id": event.payment_id}
    looks = [
        _look_at(state, leased_until, event.type, now) for state, leased_until in session.execute(_STANDING, names)
    ]
    return min((look for look in looks if look is not None), default=None)


def _look_at(state: PaymentState, leased_until: datetime | None, event_type: str, now: datetime) -> datetime | None:
    """When to ask Stripe about a payment of which a webhook tells: now, later, or not at all."""
    if state in ("created", "succeeded"):
        return None
    if state in states.SETTLED and event_type != "payment_intent.succeeded":
        return None
    if leased_until is not None and leased_until > now:
        # Somebody is asking Stripe about it this moment; look again when that has ended.
        return now + _WHILE_LEASED
    return now


def _apply(tools: Tools, event: StripeEvent, payment: Payment | None) -> datetime | None:
    """Bring the event's payment to its present state; return when to try again, None when that is done."""
    now = tools.system_clock.now()
    if event.type in OF_RETURNS:
        looked = returns.look(tools, event_type=event.type, stripe_id=event.object_id)
        return None if looked else schedule.webhook_retry_at(now, attempts=event.attempts)
    look_at = None if payment is None else _look_at(payment.state, payment.leased_until, event.type, now)
    if payment is None or look_at is None or look_at > now:
        return look_at
    if payment.state in states.SETTLED:
        # Money for a payment that had come to nothing: it is never refused once received.
        settle.settle(tools, payment)
    else:
        settle.look_again(tools, payment)
    return None


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
    taken = due.order_by(StripeEvent.next_try_at).limit(BATCH).with_for_update(skip_locked=True)
    with tools.database.transaction() as session:
        return session.scalars(
            update(StripeEvent)
            .where(StripeEvent.event_id.in_(taken.with_only_columns(StripeEvent.event_id)))
            # Back again by itself should this worker be killed.
            .values(next_try_at=now + _ASIDE, attempts=StripeEvent.attempts + 1)
            .returning(StripeEvent)
            .execution_options(synchronize_session=False)
        ).all()


def _plan(tools: Tools, next_tries: Mapping[str, datetime | None]) -> None:
    at: dict[datetime | None, list[str]] = defaultdict(list)
    for event_id, next_try_at in next_tries.items():
        at[next_try_at].append(event_id)
    with tools.database.transaction() as session:
        for next_try_at, event_ids in at.items():
            session.execute(
                update(StripeEvent.__table__)  # type: ignore[arg-type]
                .where(StripeEvent.event_id.in_(event_ids))
                .values(next_try_at=next_try_at)
            )
