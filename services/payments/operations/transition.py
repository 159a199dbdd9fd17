"""The one way for a payment to change its state, whoever brings the news: a call, a webhook or the reconciler."""

import logging
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from chassis import outbox
from contracts.payments import PaymentCancelled, PaymentFailed, PaymentState, PaymentSucceeded
from contracts.wire import Event
from services.payments import views
from services.payments.clients.provider import Card, DeclineCodes
from services.payments.domain import declines, schedule, states
from services.payments.models import Payment
from services.payments.operations.auto_pay import charges

log = logging.getLogger(__name__)

# Built once: how a statement compiles is remembered with it.
_LOCKED = select(Payment).where(Payment.payment_id == bindparam("payment_id")).with_for_update()


@dataclass(frozen=True, kw_only=True)
class News:
    """What was learnt about a payment. `received_minor` and `received_on` come with `succeeded`.

    `silent`: nobody else ever heard of the payment, so its cancellation is no event.
    """

    state: PaymentState
    received_minor: int | None = None
    received_on: date | None = None
    card: Card | None = None
    decline: DeclineCodes | None = None
    silent: bool = False


def locked(session: Session, payment_id: str) -> Payment:
    """Return the payment with its row locked. Raises NoResultFound."""
    return session.execute(_LOCKED, {"payment_id": payment_id}).scalar_one()


def apply(session: Session, payment: Payment, news: News, *, now: datetime) -> bool:
    """Move a locked payment to what the news say, recording the event; False when it had moved on already.

    In any case the worker that brings news is done with the payment, and the next question to the provider
    is planned. Raises IllegalMove.
    """
    payment.leased_until = None
    moved = states.moves(payment.state, news.state)
    if moved:
        was, payment.state = payment.state, news.state
        payment.version += 1
        _note_facts(payment, news)
        if was in states.SETTLED:
            log.error("payment %s was %s and is %s after all", payment.payment_id, was, payment.state)
        if event := _event(payment, silent=news.silent):
            outbox.record(
                session,
                event,
                aggregate_id=payment.payment_id,
                aggregate_version=payment.version,
                ordering_key=payment.customer_id,
            )
        if payment.is_auto_pay and payment.state in states.SETTLED:
            charges.outcome_came(session, payment)
    _plan_next_check(payment, now)
    return moved


def _note_facts(payment: Payment, news: News) -> None:
    if news.card is not None:
        payment.card_brand, payment.card_last4 = news.card.brand, news.card.last4
    if news.decline is not None:
        payment.decline_reason, payment.decline_code = news.decline.code, news.decline.decline_code
    if news.state != "succeeded":
        return
    if news.received_minor is not None and news.received_minor != payment.amount_minor:
        log.error(
            "payment %s: %s received instead of %s", payment.payment_id, news.received_minor, payment.amount_minor
        )
        payment.amount_minor = news.received_minor
    if news.received_on is not None:
        payment.received_on = payment.listed_on = news.received_on


def _plan_next_check(payment: Payment, now: datetime) -> None:
    if payment.state in states.SETTLED:
        payment.next_check_at, payment.needs_staff = None, False
    elif payment.state == "requires_action":
        # The customer's time runs from the request, however often somebody looks.
        given_up_at = payment.created_at + schedule.ABANDONED_AFTER
        payment.next_check_at = max(given_up_at, now + schedule.FIRST_CHECKS[0])
    elif payment.next_check_at is None or payment.next_check_at <= now:
        payment.next_check_at = schedule.next_check_at(now, checks=payment.checks)
        payment.checks += 1
        if payment.next_check_at is None and not payment.needs_staff:
            payment.needs_staff = True
            log.error(
                "payment %s (%s) is still %s: staff must look at it",
                payment.payment_id,
                payment.stripe_intent_id,
                payment.state,
            )


def _event(payment: Payment, *, silent: bool) -> Event | None:
    match payment.state:
        case "succeeded":
            return succeeded_event(payment)
        case "failed":
            return PaymentFailed(
                payment_id=payment.payment_id,
                customer_id=payment.customer_id,
                currency=payment.currency,
                amount_minor=payment.amount_minor,
                decline_code=payment.decline_code or payment.decline_reason,
                message=declines.decline(payment.decline_reason or "", payment.decline_code).message,
                auto_pay=payment.is_auto_pay,
            )
        case "cancelled" if not silent:
            return PaymentCancelled(
                payment_id=payment.payment_id,
                customer_id=payment.customer_id,
                currency=payment.currency,
                amount_minor=payment.amount_minor,
            )
    return None


def succeeded_event(payment: Payment) -> PaymentSucceeded:
    """The event of a payment that was received."""
    if payment.received_on is None:
        raise ValueError(f"payment {payment.payment_id} is received without a date")
    return PaymentSucceeded(
        payment_id=payment.payment_id,
        customer_id=payment.customer_id,
        currency=payment.currency,
        amount_minor=payment.amount_minor,
        method=payment.method,
        received_on=payment.received_on,
        effective_on=payment.received_on,
        invoices=views.paid_invoices(payment),
        card_brand=payment.card_brand,
        card_last4=payment.card_last4,
        reference=payment.reference,
        origin=payment.origin,
        auto_pay=payment.is_auto_pay,
    )
