"""Paying with a card, from the customer's press on Pay to an answer."""

import logging
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.ids import new_id
from contracts import codes
from contracts.payments import PayInvoices, PaymentView
from contracts.wire import Refused
from services.payments.domain import requests, schedule, states
from services.payments.models import Customer, Payment
from services.payments.operations import cards, lease, settle, submit
from services.payments.operations.tools import Tools
from services.payments.views import payment_view

log = logging.getLogger(__name__)

_CLAIMS_MAX = 5

# Built once: how a statement compiles is remembered with it.
_INSERTED = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(Payment.__table__).on_conflict_do_nothing()
    for dialect in (postgresql, sqlite)
}
_OF_KEY = (
    select(Payment)
    .where(Payment.customer_id == bindparam("customer_id"), Payment.key == bindparam("key"))
    .with_for_update()
)
_COUNTERPART = select(Customer.stripe_customer_id).where(Customer.customer_id == bindparam("customer_id"))


def pay_invoices(tools: Tools, command: PayInvoices) -> PaymentView:
    """Charge a card for the customer's invoices and answer how it stands; the same key never charges twice.

    The same key with the same request answers the payment as it is now, and goes on with it where a crash left
    it. Refused as `PayInvoices` says; a decline is an answer.
    """
    requests.check(command, currency=tools.currency)
    payment, is_ours = _claim(tools, command)
    if not is_ours:
        return _answer_of_other(tools, payment.payment_id)
    try:
        return carry_out(tools, payment, command)
    except submit.Overtaken as overtaken:
        log.warning("slower than the lease: %s", overtaken)
        return _answer_of_other(tools, payment.payment_id)


def carry_out(tools: Tools, payment: Payment, command: PayInvoices) -> PaymentView:
    """Go on with a stored payment that the caller leases, and answer how it stands.

    Raises Refused where it never begins, Overtaken where another worker has gone on with it.
    """
    if payment.state == "created":
        payment = submit.submit(tools, payment, command)
    return settle.settle(tools, payment)


def _answer_of_other(tools: Tools, payment_id: str) -> PaymentView:
    """Answer what another worker makes of the payment: its outcome, or that it is on its way."""
    payment = lease.wait_for_other(tools, payment_id)
    if payment.refusal is not None:
        raise submit.refusal_of(payment)
    if payment.state == "created":
        # Not on its way yet, and it may be refused: nothing to be shown now, nor perhaps ever. The service is named as
        # in a call without an answer: the same form may ask again.
        raise Refused(codes.UNAVAILABLE, "This payment is still being started.", service="payments")
    if payment.state == "requires_action":
        # The browser needs the client_secret, which is not kept here.
        return settle.look_again(tools, payment)
    return payment_view(payment)


def _claim(tools: Tools, command: PayInvoices) -> tuple[Payment, bool]:
    """Return the payment of this key, stored now if it is new, and whether it is ours to go on with."""
    now = tools.system_clock.now()
    request_hash = requests.hash_of(command)
    with tools.database.transaction() as session:
        today = tools.business_clock.today(session)
        payment, is_new = _stored(session, command, request_hash=request_hash, now=now, today=today)
        if is_new:
            return payment, True
        if payment.request_hash != request_hash:
            raise Refused(codes.KEY_REUSED, "This form was already used for another payment. Please reload the page.")
        if payment.state in states.SETTLED or lease.is_leased(payment, now):
            return payment, False
        payment.leased_until = now + schedule.LEASE
        return payment, True


def _stored(
    session: Session, command: PayInvoices, *, request_hash: str, now: datetime, today: date
) -> tuple[Payment, bool]:
    """Return the payment of this key and whether it was stored by this call."""
    payment_method_id = command.payment_method or _saved_card(session, command)
    if payment_method_id is None:
        # The card may be gone since the payment was made; a repeated request still finds it.
        if (payment := _of_key(session, command, request_hash, now)) is None:
            message = "This card is not saved any more. Please choose another one."
            raise Refused(codes.NOT_FOUND, message, field="card_id")
        return payment, False
    row = new_row(session, command, payment_method_id, now=now, today=today) | {"request_hash": request_hash}
    for _ in range(_CLAIMS_MAX):
        if insert(session, row):
            return Payment(**row), True
        if (payment := _of_key(session, command, request_hash, now)) is not None:
            return payment, False
        # The payment that had the key was refused, and has given it back.
    raise Refused(codes.UNAVAILABLE, "This form is being sent again and again. Nothing was charged.")


def _of_key(session: Session, command: PayInvoices, request_hash: str, now: datetime) -> Payment | None:
    names = {"customer_id": command.customer_id, "key": command.key}
    payment = session.execute(_OF_KEY, names).scalar_one_or_none()
    if payment is None or not submit.gives_key_back(payment, request_hash, now):
        return payment
    payment.key = None
    session.flush()
    return None


def insert(session: Session, row: dict[str, Any]) -> bool:
    """Store a payment unless there is one of its key, or of its attempt; whether it was stored."""
    # Two requests with one key at the same time: the second waits here for the first and then inserts nothing.
    inserted = session.execute(_INSERTED[session.get_bind().dialect.name], row)
    return bool(inserted.rowcount)  # type: ignore[attr-defined]


def new_row(
    session: Session, command: PayInvoices, payment_method_id: str, *, now: datetime, today: date
) -> dict[str, Any]:
    """A payment by card as it is stored first, leased to its maker."""
    counterpart = session.scalar(_COUNTERPART, {"customer_id": command.customer_id})
    return {
        "payment_id": new_id(),
        "customer_id": command.customer_id,
        "key": command.key,
        "state": "created",
        "version": 1,
        "method": "card",
        "origin": "portal",
        "currency": command.currency,
        "amount_minor": command.amount_minor,
        "excess_minor": 0,
        "invoices": [],
        "allocated_version": 0,
        "reference": "",
        "created_at": now,
        "listed_on": today,
        "payment_method_id": payment_method_id,
        "stripe_customer_id": counterpart,
        "save_card": command.save_card and command.payment_method is not None,
        "leased_until": now + schedule.LEASE,
        "next_check_at": schedule.next_check_at(now, checks=0),
        "checks": 1,
        "needs_staff": False,
    }


def _saved_card(session: Session, command: PayInvoices) -> str | None:
    card = cards.to_charge(session, customer_id=command.customer_id, card_id=command.card_id or "")
    return card.payment_method_id if card is not None else None
