"""Payments whose money has arrived: each payment id once."""

from datetime import datetime

from sqlalchemy.orm import Session

from contracts.payments import PaymentSucceeded
from services.billing.models import ReceivedPaymentRow
from services.billing.store.rows import insert_new


def insert_payment(session: Session, payment: PaymentSucceeded, *, at: datetime) -> bool:
    """Note that a payment's money has arrived; False if that is known already."""
    return bool(
        insert_new(
            session,
            ReceivedPaymentRow,
            [
                {
                    "payment_id": payment.payment_id,
                    "customer_id": payment.customer_id,
                    "currency": payment.currency,
                    "amount_minor": payment.amount_minor,
                    "effective_on": payment.effective_on,
                    "origin": payment.origin,
                    "allocated_at": at,
                }
            ],
        )
    )
