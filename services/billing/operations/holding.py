"""Holds: setting invoices aside for one payment, and giving them free when it comes to nothing."""

from datetime import datetime

from sqlalchemy.orm import Session

from chassis.outbox import record_many
from contracts import codes
from contracts.billing import HeldInvoice, HoldInvoices, HoldView, ReleaseHold
from contracts.wire import Refused
from services.billing import store
from services.billing.domain import limits
from services.billing.domain.hold import Hold, place_hold
from services.billing.domain.rules import Moment, OwnerRules
from services.billing.operations.applying import invoices_meant
from services.billing.operations.crediting import auto_apply


def hold_invoices(session: Session, command: HoldInvoices, *, rules: OwnerRules, moment: Moment) -> HoldView:
    """Set invoices aside for one payment. The same payment again answers the same hold."""
    limits.check_id(command.payment_id, "payment_id")
    limits.check_id(command.customer_id, "customer_id")
    limits.check_currency(command.currency, rules.currency)
    limits.check_amount(command.amount_minor, "amount_minor")
    store.lock_account(session, command.customer_id)
    try:
        hold = _place(session, command, rules, moment)
    except Refused:
        # What stands in the way may be this very payment's own hold: asked again, it gets the same answer.
        known = store.hold_of(session, command.payment_id)
        if known is None:
            raise
        return _held_before(known, command)
    if store.insert_hold(session, hold):
        return _view(hold)
    # Held or released before. A release takes no lock of an account that it does not know: it may have come just now.
    return _held_before(store.hold_of(session, command.payment_id), command)


def release_hold(session: Session, command: ReleaseHold, *, rules: OwnerRules, moment: Moment) -> HoldView | None:
    """Give a payment's invoices free. An unknown payment leaves a tombstone that refuses a late hold."""
    limits.check_id(command.payment_id, "payment_id")
    return end_hold(session, command.payment_id, customer_id=None, rules=rules, at=moment.now)


def end_hold(
    session: Session, payment_id: str, *, customer_id: str | None, rules: OwnerRules, at: datetime
) -> HoldView | None:
    """Release a payment's hold if it is in force, else leave it as it is; credits that waited are then applied.

    `customer_id` is the payment's customer where the caller knows it.
    """
    hold = store.hold_of(session, payment_id)
    owner = hold.customer_id if hold else customer_id
    if owner is not None:
        store.lock_account(session, owner)
        hold = store.hold_of(session, payment_id)
    if hold is None:
        tombstone = Hold(
            payment_id=payment_id, customer_id=owner, state="released", amount_minor=0, created_at=at, ended_at=at
        )
        if store.insert_hold(session, tombstone):
            return None
        # The hold was made in between and is committed now: it is found this time, with its customer.
        return end_hold(session, payment_id, customer_id=None, rules=rules, at=at)
    if hold.state == "held":
        hold.release(at)
        store.save_ended_hold(session, hold)
        if owner is not None:
            record_many(session, auto_apply(session, [owner], rules=rules, origin="portal", at=at))
    return _view(hold) if hold.customer_id is not None else None


def _place(session: Session, command: HoldInvoices, rules: OwnerRules, moment: Moment) -> Hold:
    chosen, being_paid = invoices_meant(session, command.customer_id, command.invoice_ids)
    return place_hold(
        payment_id=command.payment_id,
        customer_id=command.customer_id,
        amount_minor=command.amount_minor,
        chosen=chosen,
        being_paid=being_paid,
        allow_overpayment=command.allow_overpayment,
        allow_partial=command.allow_partial,
        least_rest_minor=command.least_rest_minor,
        everything=command.invoice_ids is None,
        rules=rules,
        at=moment.now,
    )


def _held_before(known: Hold | None, command: HoldInvoices) -> HoldView:
    if known is None or known.state != "held":
        raise Refused(codes.WRONG_STATE, "This payment is over. Please start a new one.")
    if known.customer_id != command.customer_id or known.amount_minor != command.amount_minor:
        raise Refused(codes.KEY_REUSED, "This payment was started with another amount.")
    return _view(known)


def _view(hold: Hold) -> HoldView:
    return HoldView(
        payment_id=hold.payment_id,
        amount_minor=hold.amount_minor,
        invoices=[
            HeldInvoice(invoice_id=part.invoice_id, number=part.number, amount_minor=part.amount_minor)
            for part in hold.parts
            if part.amount_minor
        ],
        excess_minor=hold.excess_minor,
    )
