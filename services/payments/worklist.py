"""The staff's worklist: payments whose outcome the provider would not tell for as long as it was asked."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts import codes
from contracts.payments import ListNeedingStaff, NeedingStaffPage, PaymentNeedingStaff
from contracts.wire import Refused
from services.payments.domain import states
from services.payments.models import Payment

MOST_ON_A_PAGE = 500


def needing_staff(session: Session, command: ListNeedingStaff) -> NeedingStaffPage:
    """A page of the payments that people must look at, the oldest first. Refused `invalid`."""
    if not 1 <= command.limit <= MOST_ON_A_PAGE:
        raise Refused(codes.INVALID, f"A page has 1 to {MOST_ON_A_PAGE} payments.", field="limit")
    query = (
        select(Payment)
        # Said although it follows: the few payments on their way have an index of their own.
        .where(Payment.state.in_(sorted(states.ON_THE_WAY)), Payment.needs_staff)
        # Ids grow with time.
        .order_by(Payment.payment_id)
        .limit(command.limit + 1)
    )
    after = read_cursor(command.cursor, str)
    if after is not None:
        query = query.where(Payment.payment_id > after[0])
    found = session.scalars(query).all()
    page = found[: command.limit]
    return NeedingStaffPage(
        payments=[_view(payment) for payment in page],
        next_cursor=write_cursor(page[-1].payment_id) if len(found) > command.limit else None,
    )


def _view(payment: Payment) -> PaymentNeedingStaff:
    return PaymentNeedingStaff(
        payment_id=payment.payment_id,
        customer_id=payment.customer_id,
        currency=payment.currency,
        amount_minor=payment.amount_minor,
        state=payment.state,
        created_at=payment.created_at,
        stripe_intent_id=payment.stripe_intent_id,
    )
