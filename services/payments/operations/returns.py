"""Received money that left again: noted once for each refund or dispute at the provider, whoever began it.

What a webhook says is only a hint: the provider is asked for the present state, as it is about payments. A daily look
over the lists finds what no webhook told.
"""

import logging
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis import outbox
from chassis.ids import new_id
from contracts.payments import Decline, MoneyRestored, MoneyReturned, ReturnState
from contracts.wire import Event
from services.payments.clients.provider import ProviderRefused, ProviderUncertain, ReturnAtProvider
from services.payments.domain.present import Present
from services.payments.domain.webhook_types import OF_REFUNDS
from services.payments.models import Payment, Return
from services.payments.operations import settle, transition
from services.payments.operations.auto_pay import accounts, pausing
from services.payments.operations.tools import Tools

log = logging.getLogger(__name__)

_DISPUTED = Decline(
    code="disputed",
    decline_code=None,
    message="A payment with your card was disputed at your bank.",
    next_step="Choose a card to turn auto-pay on again.",
)

LOOKED_OVER = timedelta(days=120)
"""How far back the lists are looked over: a bank may take 120 days to open a dispute, and a few weeks to end it."""


def look(tools: Tools, *, event_type: str, stripe_id: str) -> bool:
    """Bring one refund or dispute to its present state; False when it is to be looked at again."""
    try:
        if event_type in OF_REFUNDS:
            found = tools.provider.retrieve_refund(stripe_id)
        else:
            found = tools.provider.retrieve_dispute(stripe_id)
    except ProviderUncertain as error:
        log.info("%s of %s: Stripe is asked later: %s", event_type, stripe_id, error)
        return False
    except ProviderRefused as refusal:
        log.error("%s of %s: Stripe knows nothing of it: %s", event_type, stripe_id, refusal)
        return True
    return note(tools, found)


def look_over(tools: Tools) -> bool:
    """Note whatever refunds and disputes no webhook told of; always False: once a day is enough."""
    since = tools.system_clock.now() - LOOKED_OVER
    try:
        for found in tools.provider.returns_since(since):
            note(tools, found)
    except (ProviderUncertain, ProviderRefused) as error:
        log.warning("refunds and disputes at Stripe could not be looked over: %s", error)
    return False


def note(tools: Tools, found: ReturnAtProvider) -> bool:
    """Write down a refund or dispute as the provider tells it; False when its payment is not received yet.

    One of another program's payment is none of ours.
    """
    with tools.database.read() as session:
        payment = session.scalar(select(Payment).where(Payment.stripe_intent_id == found.intent_id))
        known = session.scalar(select(Return.state).where(Return.stripe_id == found.stripe_id))
    if payment is None or found.intent_id is None or known == _state(found):
        return True
    if payment.state != "succeeded":
        # Money that was sent back had come: its own webhook is late.
        settle.look_again(tools, payment)
    with tools.database.transaction() as session:
        present = tools.present(session)
        # Before the payment's: the account is the first lock of whatever may change auto-pay.
        account = accounts.locked(session, payment.customer_id) if found.kind == "dispute" else None
        payment = transition.locked(session, payment.payment_id)
        if payment.state != "succeeded":
            return False
        left_on = tools.business_clock.date_of(found.made_at)
        is_new = _write(session, payment, found, present, left_on=left_on)
        if is_new and account is not None and account.state == "on":
            pausing.pause(session, account, "disputed", present=present, decline=_DISPUTED)
    return True


def _write(session: Session, payment: Payment, found: ReturnAtProvider, present: Present, *, left_on: date) -> bool:
    """Write it down as it is now; whether it is new. Nothing is charged by itself while a dispute of it is new."""
    # The payment's row is locked: two webhooks about it write one after the other.
    row = session.scalar(select(Return).where(Return.stripe_id == found.stripe_id))
    is_new = row is None
    if row is None:
        if not found.was_ever_taken:
            return False
        left_minor = payment.amount_minor - _returned_minor(session, payment.payment_id)
        amount_minor = min(found.amount_minor, left_minor)
        if amount_minor != found.amount_minor:
            log.error(
                "payment %s: %s of %s takes %s, of which %s was left",
                payment.payment_id,
                found.kind,
                found.stripe_id,
                found.amount_minor,
                left_minor,
            )
        if amount_minor <= 0:
            return False
        row = Return(
            return_id=new_id(),
            payment_id=payment.payment_id,
            stripe_id=found.stripe_id,
            kind=found.kind,
            state="returned",
            amount_minor=amount_minor,
            # Not before it came.
            effective_on=max(left_on, payment.received_on or left_on),
            created_at=present.system_now,
            version=0,
        )
        session.add(row)
        _tell(session, payment, row, effective_on=row.effective_on)
    if row.state == "returned" and not found.has_left:
        row.restore()
        _tell(session, payment, row, effective_on=max(present.today, row.effective_on))
    elif row.state == "restored" and found.has_left:
        # Stripe knows no such move. Were there one, people would have to say what becomes of it.
        log.error("%s %s of payment %s left again after it came back", row.kind, row.stripe_id, row.payment_id)
    return is_new


def _tell(session: Session, payment: Payment, row: Return, *, effective_on: date) -> None:
    row.version += 1
    facts: dict[str, Any] = {
        "return_id": row.return_id,
        "payment_id": payment.payment_id,
        "customer_id": payment.customer_id,
        "currency": payment.currency,
        "amount_minor": row.amount_minor,
        "kind": row.kind,
        "effective_on": effective_on,
    }
    event: Event
    if row.state == "returned":
        event = MoneyReturned(**facts, card_brand=payment.card_brand, card_last4=payment.card_last4)
    else:
        event = MoneyRestored(**facts)
    outbox.record(
        session,
        event,
        aggregate_id=row.return_id,
        aggregate_version=row.version,
        ordering_key=payment.customer_id,
    )


def _returned_minor(session: Session, payment_id: str) -> int:
    total = session.scalar(
        select(func.coalesce(func.sum(Return.amount_minor), 0)).where(
            Return.payment_id == payment_id, Return.state == "returned"
        )
    )
    return int(total or 0)


def _state(found: ReturnAtProvider) -> ReturnState:
    return "returned" if found.has_left else "restored"
