"""Reading payments and cards."""

from collections import defaultdict
from datetime import date

import msgspec
from sqlalchemy import bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts import codes
from contracts.payments import (
    CardsView,
    GetPayment,
    ListPayments,
    ListSucceededPayments,
    PaymentPage,
    PaymentView,
    ReturnView,
    SucceededPayment,
    SucceededPaymentsPage,
)
from contracts.wire import Refused
from services.payments import auto_pay_queries
from services.payments.domain import states
from services.payments.domain.minimums import minimum_charge_minor
from services.payments.models import Payment, Return, SavedCard
from services.payments.views import card_view, payment_view, return_view

MOST_PAYMENTS = 100
MOST_SUCCEEDED = 500

# Built once: the pay page and the receipt ask each time.
_PAYMENT = select(Payment).where(Payment.payment_id == bindparam("payment_id"))
_CARDS = (
    select(SavedCard)
    .where(SavedCard.customer_id == bindparam("customer_id"))
    .order_by(SavedCard.is_default.desc(), SavedCard.card_id)
)


def get_payment(session: Session, command: GetPayment) -> PaymentView:
    """One of the customer's payments. Refused `not_found`, for anybody else's too."""
    payment = session.scalars(_PAYMENT, {"payment_id": command.payment_id}).one_or_none()
    if payment is None or payment.customer_id != command.customer_id or payment.refusal is not None:
        raise Refused(codes.NOT_FOUND, "This payment does not exist.")
    return _with_returns(session, [payment_view(payment)])[0]


def list_payments(session: Session, command: ListPayments) -> PaymentPage:
    """The customer's payments by date of receipt, newest first; those that never began are left out."""
    limit = max(1, min(command.limit, MOST_PAYMENTS))
    place = tuple_(Payment.listed_on, Payment.payment_id)
    query = (
        select(Payment)
        .where(Payment.customer_id == command.customer_id, Payment.state != "created")
        .where(Payment.refusal.is_(None))
        .order_by(Payment.listed_on.desc(), Payment.payment_id.desc())
        .limit(limit + 1)
    )
    after = read_cursor(command.cursor, date, str)
    if after is not None:
        query = query.where(place < tuple_(*after))
    found = session.execute(query).scalars().all()
    page = found[:limit]
    more = len(found) > limit
    return PaymentPage(
        payments=_with_returns(session, [payment_view(payment) for payment in page]),
        next_cursor=write_cursor(page[-1].listed_on, page[-1].payment_id) if more else None,
        processing_minor=_processing_minor(session, command.customer_id),
    )


def list_succeeded_payments(session: Session, command: ListSucceededPayments) -> SucceededPaymentsPage:
    """Every payment whose money was received, by payment id, a page at a time."""
    if not 1 <= command.limit <= MOST_SUCCEEDED:
        raise Refused(codes.INVALID, f"A page has 1 to {MOST_SUCCEEDED} payments.", field="limit")
    query = (
        select(Payment.payment_id, Payment.customer_id, Payment.amount_minor)
        .where(Payment.state == "succeeded", Payment.payment_id > command.after)
        .order_by(Payment.payment_id)
        .limit(command.limit)
    )
    payments = [
        SucceededPayment(payment_id=payment_id, customer_id=customer_id, amount_minor=amount_minor)
        for payment_id, customer_id, amount_minor in session.execute(query)
    ]
    return SucceededPaymentsPage(
        payments=payments, next_after=payments[-1].payment_id if len(payments) == command.limit else None
    )


def list_cards(session: Session, customer_id: str, *, currency: str, today: date) -> CardsView:
    """The customer's saved cards, the default first, and the smallest amount that can be charged."""
    cards = session.scalars(_CARDS, {"customer_id": customer_id})
    paying_card_id = auto_pay_queries.paying_card_id(session, customer_id)
    return CardsView(
        cards=[card_view(card, today=today, pays_automatically=card.card_id == paying_card_id) for card in cards],
        currency=currency,
        minimum_minor=minimum_charge_minor(currency),
    )


def _with_returns(session: Session, views: list[PaymentView]) -> list[PaymentView]:
    """The views with what of each payment left again: one query for a page, by an index that is nearly empty."""
    query = (
        select(Return)
        .where(Return.payment_id.in_([view.payment_id for view in views]))
        .order_by(Return.effective_on.desc(), Return.return_id.desc())
    )
    found: dict[str, list[ReturnView]] = defaultdict(list)
    for row in session.scalars(query):
        found[row.payment_id].append(return_view(row))
    if not found:
        return views
    return [msgspec.structs.replace(view, returns=found.get(view.payment_id, [])) for view in views]


def _processing_minor(session: Session, customer_id: str) -> int:
    total = session.execute(
        select(func.coalesce(func.sum(Payment.amount_minor), 0)).where(
            Payment.customer_id == customer_id, Payment.state.in_(sorted(states.ON_THE_WAY))
        )
    ).scalar_one()
    return int(total)
