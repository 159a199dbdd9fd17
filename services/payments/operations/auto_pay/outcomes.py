"""What follows from an attempt's outcome: paid, tried again, paused, or left to the customer."""

import logging
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import codes
from contracts.payments import AutoPayChargeFailed
from services.payments.auto_pay_models import AutoPayAccount, Charge, Invoice
from services.payments.domain import charge_dates, decline_kinds, declines, states
from services.payments.domain.present import Present
from services.payments.models import Payment, SavedCard
from services.payments.operations.auto_pay import accounts, charges, invoices, pausing, paying_card

log = logging.getLogger(__name__)

_AFTER_REFUSAL = {codes.STALE_AMOUNT: timedelta(seconds=10), codes.ALREADY_BEING_PAID: timedelta(minutes=10)}
_OTHERWISE = timedelta(minutes=5)


def conclude(session: Session, account: AutoPayAccount, charge: Charge, invoice: Invoice, present: Present) -> None:
    """Bring a charge that is being made up to date with its payment. Account and charge are locked; repeating it is
    harmless.
    """
    payment = session.get_one(Payment, charge.payment_id)
    if payment.state not in states.SETTLED:
        # Unknown is no outcome: nothing else is tried until it is one.
        charge.look_at = None
    elif payment.state == "succeeded":
        charges.rest(charge, "paid")
    elif invoice.voided or account.state == "off" or charge.is_reopened:
        charges.rest(charge, "left")
    elif payment.state == "failed":
        _declined(session, account, charge, invoice, payment, present)
    else:
        _came_to_nothing(charge, payment, present)
    if charge.state != "charging" and invoice.known and not invoice.open_minor:
        invoices.settle(charge)


def _came_to_nothing(charge: Charge, payment: Payment, present: Present) -> None:
    """billing refused it, or it was interrupted: nothing was charged and nobody declined."""
    pause = _OTHERWISE
    if payment.refusal is not None:
        pause = _AFTER_REFUSAL.get(payment.refusal["code"], _OTHERWISE)
        # It never began: another payment can be this attempt.
        payment.key = payment.auto_attempt = None
        charge.attempt -= 1
    charges.go_back(charge, not_before=present.system_now + pause)


def _declined(
    session: Session,
    account: AutoPayAccount,
    charge: Charge,
    invoice: Invoice,
    payment: Payment,
    present: Present,
) -> None:
    charge.decline_reason, charge.decline_code = payment.decline_reason, payment.decline_code
    charge.declined_method = payment.payment_method_id
    kind = decline_kinds.kind_of(payment.decline_reason, payment.decline_code)
    again_on: date | None = None
    if kind == "soft":
        first_tried_on = charge.first_tried_on or present.today
        again_on = charge_dates.retry_on(first_tried_on=first_tried_on, today=present.today)
    pauses = kind != "authenticate" and again_on is None and account.state == "on"
    if again_on is not None:
        # The customer has just heard of the amount and of the day: the next try needs no notice.
        charge.told_minor = payment.amount_minor if charge.told_minor is None else charge.told_minor
        charges.try_again(session, charge, charge_on=again_on, rules=present.rules)
        if account.state != "on":
            charges.sleep(charge)
    else:
        charges.rest(charge, "needs_customer" if kind == "authenticate" else "declined")
    decline = declines.decline(payment.decline_reason or "", payment.decline_code)
    charged = select(SavedCard).where(SavedCard.payment_method_id == payment.payment_method_id)
    card = session.scalars(charged).first()
    accounts.record(
        session,
        account,
        AutoPayChargeFailed(
            customer_id=account.customer_id,
            invoice_id=charge.invoice_id,
            invoice_number=invoice.number,
            payment_id=payment.payment_id,
            currency=payment.currency,
            amount_minor=payment.amount_minor,
            card=None if card is None else paying_card.in_event(card),
            kind=kind,
            message=decline.message,
            next_step=decline.next_step,
            retry_on=again_on,
            is_first=not charge.is_failure_told,
            pauses=pauses,
        ),
    )
    if pauses:
        pausing.pause(
            session, account, "declined", present=present, decline=decline, is_told=not charge.is_failure_told
        )
    charge.is_failure_told = True
    log.info("charge of invoice %s was declined (%s), next on %s", charge.invoice_id, kind, again_on)
