"""What billing really put a payment on, so that the payment shows it."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from contracts.billing import PaymentAllocated
from services.payments.models import Payment

_LOCKED = select(Payment).where(Payment.payment_id.in_(bindparam("payment_ids", expanding=True))).with_for_update()


def preload(session: Session, events: Sequence[PaymentAllocated]) -> None:
    """Load the payments of a whole batch with one query."""
    ids = {event.payment_id for event in events}
    # The session keeps only what is still referred to.
    session.info["payments"] = session.scalars(_LOCKED, {"payment_ids": list(ids)}).all()


def payment_allocated(session: Session, event: PaymentAllocated, *, version: int) -> None:
    """Replace what was meant for the payment by what became of it. An older allocation changes nothing.

    Raises LookupError for a payment that is not here, which no order of events can bring about.
    """
    payment = session.get(Payment, event.payment_id)
    if payment is None:
        raise LookupError(f"billing allocated a payment that payments does not have: {event.payment_id}")
    if version <= payment.allocated_version:
        return
    payment.allocated_version = version
    payment.excess_minor = event.credit_minor
    payment.invoices = [
        {
            "invoice_id": allocation.invoice_id,
            "number": allocation.invoice_number,
            "amount_minor": allocation.amount_minor,
        }
        for allocation in event.allocations
    ]
