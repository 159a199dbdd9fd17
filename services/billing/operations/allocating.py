"""A payment's money has arrived: put it on invoices and give them free, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from chassis.ids import new_id
from chassis.outbox import record_many
from contracts.payments import PaymentSucceeded
from services.billing import events, store
from services.billing.domain.allocation import Allocation, effective_day, share_payment
from services.billing.domain.hold import Hold
from services.billing.domain.rules import OwnerRules
from services.billing.operations import returning
from services.billing.operations.crediting import auto_apply, open_credit


def allocate_payment(session: Session, payment: PaymentSucceeded, *, rules: OwnerRules, at: datetime) -> None:
    """Allocate a payment, once per payment id, before or after anything else that is heard of it.

    The chosen invoices come first, then due date, issue date, number. Money that finds no open invoice that is
    free becomes a credit: it is never rejected.
    """
    if payment.amount_minor <= 0 or payment.currency != rules.currency:
        raise ValueError(f"payment {payment.payment_id} is no amount of {rules.currency} above zero")
    store.lock_account(session, payment.customer_id)
    if not store.insert_payment(session, payment, at=at):
        return
    _settle_hold(session, payment, at)
    owed = store.open_invoices(session, [payment.customer_id])
    allocations = _allocate(session, payment, owed, at)
    left_minor = payment.amount_minor - sum(allocation.amount_minor for allocation in allocations)
    credit, created = None, []
    if left_minor:
        credit, event = open_credit(
            session,
            kind="overpayment",
            customer_id=payment.customer_id,
            currency=payment.currency,
            amount_minor=left_minor,
            granted_on=payment.effective_on,
            source_id=payment.payment_id,
            reason="More was paid than was open",
            origin=payment.origin,
            at=at,
        )
        created = [event]
    # Also without a new credit: an older one may have waited for an invoice that was held until now.
    applied = []
    if any(invoice.open_minor for invoice in owed.invoices):
        applied = auto_apply(session, [payment.customer_id], rules=rules, origin=payment.origin, at=at)
    record_many(session, [events.payment_allocated(payment, allocations, credit), *created, *applied])
    returning.catch_up(session, payment.payment_id, currency=payment.currency, rules=rules, at=at)


def lock_all(session: Session, payments: Sequence[PaymentSucceeded]) -> None:
    """Lock the accounts of a batch of payments with one query instead of one each."""
    store.lock_accounts(session, [payment.customer_id for payment in payments])


def _settle_hold(session: Session, payment: PaymentSucceeded, at: datetime) -> None:
    hold = store.hold_of(session, payment.payment_id)
    if hold is None:
        # Without parts: it holds nothing, and refuses a hold that comes late.
        hold = Hold(
            payment_id=payment.payment_id,
            customer_id=payment.customer_id,
            state="settled",
            amount_minor=payment.amount_minor,
            created_at=at,
            ended_at=at,
        )
        if store.insert_hold(session, hold):
            return
        hold = store.hold_of(session, payment.payment_id)
    if hold is None or hold.customer_id not in (None, payment.customer_id):
        raise ValueError(f"payment {payment.payment_id} holds invoices of another customer")
    hold.settle(at)
    store.save_ended_hold(session, hold)


def _allocate(session: Session, payment: PaymentSucceeded, owed: store.Owed, at: datetime) -> list[Allocation]:
    shares = share_payment(
        payment.amount_minor,
        owed.invoices,
        meant={invoice.invoice_id: invoice.amount_minor for invoice in payment.invoices},
        being_paid=owed.being_paid,
    )
    for share in shares:
        share.target.put(share.amount_minor)
    allocations = [
        Allocation(
            allocation_id=new_id(),
            source="payment",
            source_id=payment.payment_id,
            customer_id=payment.customer_id,
            invoice_id=share.target.invoice_id,
            invoice_number=share.target.number,
            amount_minor=share.amount_minor,
            effective_on=effective_day(payment.effective_on, share.target),
            created_at=at,
        )
        for share in shares
    ]
    store.insert_allocations(session, allocations)
    store.save_invoices(session, [share.target for share in shares])
    return allocations
