"""From `created` to `submitting`: the customer is known at Stripe, and billing holds the invoices."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from contracts import codes
from contracts.billing import HoldInvoices, HoldView, ReleaseHold
from contracts.payments import PayInvoices
from contracts.wire import Refused
from services.payments.clients.provider import ProviderRefused, ProviderUncertain
from services.payments.domain import schedule
from services.payments.domain.minimums import minimum_charge_minor
from services.payments.models import Payment
from services.payments.operations import counterpart, transition
from services.payments.operations.tools import Tools

log = logging.getLogger(__name__)

HOLD_TIMEOUT_S = 5.0
RELEASE_TIMEOUT_S = 2.0

_NO_ANSWER = frozenset({codes.UNAVAILABLE, codes.INTERNAL, codes.EXPIRED})
"""Refusals by which billing has not decided anything: a hold may exist or may still come."""


class Overtaken(Exception):
    """Another worker has gone on with the payment meanwhile: only it knows whether something was charged."""


def submit(tools: Tools, payment: Payment, command: PayInvoices) -> Payment:
    """Hold the invoices for a payment that the caller leases, and commit that it goes to the provider.

    Nothing is charged without billing's word: when it refuses, or does not answer, the payment is over and this
    raises Refused. Its key is free again soon. Raises Overtaken when the payment is no longer the caller's to end.
    """
    try:
        customer = payment.stripe_customer_id or counterpart.found_or_made(tools, payment.customer_id)
    except (ProviderUncertain, ProviderRefused) as error:
        log.warning("payment %s: no customer at the provider: %s", payment.payment_id, error)
        refusal = Refused(codes.UNAVAILABLE, "Cards cannot be charged at the moment. Nothing was charged.")
        raise give_up(tools, payment.payment_id, refusal, billing_was_asked=False) from error
    try:
        hold = tools.services.call(_hold_command(payment.payment_id, command), timeout_s=HOLD_TIMEOUT_S)
    except Refused as refusal:
        raise give_up(tools, payment.payment_id, _for_customer(refusal), billing_was_asked=True) from refusal
    return _note_hold(tools, payment.payment_id, hold, customer)


def give_up(tools: Tools, payment_id: str, refusal: Refused, *, billing_was_asked: bool) -> Refused:
    """End a payment of which the provider never heard; return the refusal for the caller to raise.

    Where billing may hold invoices for it, the release also leaves a tombstone against a hold that comes late.
    Raises Overtaken when a worker faster than the caller has submitted the payment, or ended it.
    """
    may_be_held = billing_was_asked and refusal.code in _NO_ANSWER
    with tools.database.transaction() as session:
        payment = transition.locked(session, payment_id)
        is_ours = payment.state == "created"
        if is_ours:
            now = tools.system_clock.now()
            told = {"code": refusal.code, "message": refusal.message, "details": refusal.details}
            payment.refusal = told | {"stands_until": (now + schedule.REFUSAL_STANDS).isoformat()}
            news = transition.News(state="cancelled", silent=not may_be_held)
            transition.apply(session, payment, news, now=now)
        # A worker that was slower than its lease: the payment that another one has submitted keeps its hold.
        is_over = payment.state == "cancelled"
    if may_be_held and is_over:
        release(tools, payment_id)
    if not is_ours:
        # The refusal says that nothing was charged, which is not this worker's to say any more.
        raise Overtaken(f"payment {payment_id} is {payment.state}")
    return refusal


def refusal_of(payment: Payment) -> Refused:
    """The refusal with which a payment ended before it began."""
    found: Mapping[str, Any] = payment.refusal or {}
    return Refused(found["code"], found["message"], **found["details"])


def gives_key_back(payment: Payment, request_hash: str, now: datetime) -> bool:
    """Whether the payment was refused before it began, and its key may begin another one: for another request at once,
    for the same one only when no press of a double click, and no message that came twice, can still be on its way.
    """
    if payment.refusal is None:
        return False
    return payment.request_hash != request_hash or now >= datetime.fromisoformat(payment.refusal["stands_until"])


def release(tools: Tools, payment_id: str) -> None:
    """Free the invoices at once. If billing does not answer, the event does the same a little later."""
    try:
        tools.services.call(ReleaseHold(payment_id=payment_id), timeout_s=RELEASE_TIMEOUT_S)
    except Refused as refusal:
        log.info("hold of payment %s is left to its event: %s", payment_id, refusal)


def _hold_command(payment_id: str, command: PayInvoices) -> HoldInvoices:
    return HoldInvoices(
        payment_id=payment_id,
        customer_id=command.customer_id,
        currency=command.currency,
        amount_minor=command.amount_minor,
        invoice_ids=command.invoice_ids,
        allow_overpayment=command.allow_overpayment,
        allow_partial=command.allow_partial,
        least_rest_minor=minimum_charge_minor(command.currency),
    )


def _for_customer(refusal: Refused) -> Refused:
    if refusal.code not in _NO_ANSWER:
        return refusal
    return Refused(codes.UNAVAILABLE, "Payments are not possible at the moment. Nothing was charged.")


def _note_hold(tools: Tools, payment_id: str, hold: HoldView, customer: str) -> Payment:
    with tools.database.transaction() as session:
        payment = transition.locked(session, payment_id)
        if payment.state != "created" or hold.amount_minor != payment.amount_minor:
            log.error("payment %s is %s, held %s", payment_id, payment.state, hold.amount_minor)
            agreed = False
        else:
            agreed = True
            payment.invoices = msgspec.to_builtins(hold.invoices)
            payment.excess_minor = hold.excess_minor
            if payment.stripe_customer_id is None:
                payment.stripe_customer_id = counterpart.keep(session, payment.customer_id, customer)
            now = tools.system_clock.now()
            transition.apply(session, payment, transition.News(state="submitting"), now=now)
            payment.leased_until = now + schedule.LEASE
    if not agreed:
        refusal = Refused(codes.UNAVAILABLE, "This payment took too long to begin. Nothing was charged.")
        raise give_up(tools, payment_id, refusal, billing_was_asked=True)
    return payment
