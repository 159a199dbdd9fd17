"""The worker of auto-pay: one charge at a time, each step in a transaction of its own.

What is due is decided by the business's clock. A step first makes sure, under the account's lock, that it is still
wanted; a charge is made by a payment that is stored in the transaction in which the charge says so. So a worker killed
anywhere leaves either a charge that is still due, or a payment that is brought to its end like any other.
"""

import logging
from datetime import timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from contracts.billing import InvoiceSummary
from contracts.wire import Refused
from services.payments.auto_pay_models import AutoPayAccount, Charge, Invoice
from services.payments.domain import charge_states
from services.payments.domain.minimums import minimum_charge_minor
from services.payments.domain.present import Present
from services.payments.operations import pay, submit
from services.payments.operations.auto_pay import accounts, attempts, charges, outcomes, pausing, paying_card, telling
from services.payments.operations.auto_pay.attempts import Attempt
from services.payments.operations.tools import Tools

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""How long one worker has a charge to itself. Only work is saved by that."""
_TROUBLE = timedelta(minutes=5)
_BEING_PAID = timedelta(minutes=10)


def charge_due(tools: Tools) -> bool:
    """Do what is due for one charge; True when there may be more."""
    invoice_id = _take_due(tools)
    if invoice_id is None:
        return False
    try:
        _step(tools, invoice_id)
    except Exception:
        # One charge that cannot be handled must not keep the others waiting.
        log.exception("the charge of invoice %s could not be handled", invoice_id)
        _put_aside(tools, invoice_id)
    return True


def _step(tools: Tools, invoice_id: str) -> None:
    due = _look_at(tools, invoice_id)
    if due is None:
        return
    charge, invoice = due
    # No transaction is open while billing is asked, nor while the card is charged.
    try:
        owed = attempts.ask_billing(tools, charge, total_minor=invoice.total_minor)
    except Refused as refusal:
        log.info("the charge of invoice %s waits for billing: %s", invoice_id, refusal)
        _put_aside(tools, invoice_id)
        return
    attempt = _begin(tools, invoice_id, owed)
    if attempt is None:
        return
    try:
        pay.carry_out(tools, attempt.payment, attempt.command)
    except (Refused, submit.Overtaken) as ended:
        # What follows is drawn from the payment, in the next step.
        log.info("the charge of invoice %s: %s", invoice_id, ended)


def _look_at(tools: Tools, invoice_id: str) -> tuple[Charge, Invoice] | None:
    """Do all that needs nobody else; return what is to be charged now, None where nothing is."""
    with tools.database.transaction() as session:
        account, charge, invoice, present = _locked(tools, session, invoice_id)
        if charge.state == "charging":
            outcomes.conclude(session, account, charge, invoice, present)
        elif attempts.was_captured(session, charge):
            charges.rest(charge, "paid")
        elif charge.state not in charge_states.TRIED or account.state != "on":
            charges.sleep(charge)
        elif invoice.voided or not invoice.open_minor:
            charges.rest(charge, "void" if invoice.voided else "settled")
        elif charge.charge_at is not None and charge.charge_at <= present.now:
            return charge, invoice
        elif charge.told_minor is None and charge.look_at is not None and charge.look_at <= present.now:
            charge.not_before = None
            telling.tell_upcoming(session, account, charge, invoice, present)
        else:
            # The clock was moved back since it was taken.
            charge.not_before = None
    return None


def _begin(tools: Tools, invoice_id: str, owed: InvoiceSummary) -> Attempt | None:
    """Store the payment of the next attempt, if by billing's word the invoice is still to be charged."""
    with tools.database.transaction() as session:
        account, charge, invoice, present = _locked(tools, session, invoice_id)
        is_due = charge.charge_at is not None and charge.charge_at <= present.now
        if account.state != "on" or charge.state not in charge_states.TRIED or not is_due:
            return None
        most_minor = invoice.total_minor if charge.told_minor is None else charge.told_minor
        amount_minor = min(owed.open_minor, most_minor)
        card = paying_card.of_account(session, account)
        if owed.state == "void" or not owed.open_minor:
            charges.rest(charge, "void" if owed.state == "void" else "settled")
        elif owed.processing_minor:
            charges.wait(charge, not_before=present.system_now + _BEING_PAID)
        elif telling.is_above_maximum(charge, account, amount_minor):
            telling.tell_above_maximum(session, account, charge, invoice, present, amount_minor=amount_minor)
        elif amount_minor < minimum_charge_minor(present.currency):
            charges.rest(charge, "below_minimum")
        elif card is None:
            pausing.pause(session, account, "card_removed", present=present)
        else:
            return attempts.store(
                session, charge, card, amount_minor=amount_minor, owed_minor=owed.open_minor, present=present
            )
    return None


def _take_due(tools: Tools) -> str | None:
    """The next charge that is due, leased; the earliest first."""
    with tools.database.read() as session:
        present = tools.present(session)
        if session.execute(_due(present).limit(1)).first() is None:
            return None
    with tools.database.transaction() as session:
        query = _due(present).order_by(Charge.look_at).limit(1).with_for_update(skip_locked=True)
        charge = session.scalars(query).first()
        if charge is None:
            return None
        charge.not_before = present.system_now + LEASE
        return charge.invoice_id


def _due(present: Present) -> Select[Charge]:
    is_free = or_(Charge.not_before.is_(None), Charge.not_before <= present.system_now)
    return select(Charge).where(Charge.look_at <= present.now, is_free)


def _locked(tools: Tools, session: Session, invoice_id: str) -> tuple[AutoPayAccount, Charge, Invoice, Present]:
    customer_id = session.scalars(select(Charge.customer_id).where(Charge.invoice_id == invoice_id)).one()
    account = accounts.locked(session, customer_id)
    charge = session.get_one(Charge, invoice_id, with_for_update=True)
    return account, charge, session.get_one(Invoice, invoice_id), tools.present(session)


def _put_aside(tools: Tools, invoice_id: str) -> None:
    with tools.database.transaction() as session:
        charge = session.get_one(Charge, invoice_id, with_for_update=True)
        charge.not_before = tools.system_clock.now() + _TROUBLE
