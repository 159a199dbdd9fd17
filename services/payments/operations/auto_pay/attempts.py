"""One attempt to charge an invoice: a payment like any other, unique by invoice, cycle and number."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.ids import new_id
from contracts.billing import ApplyCredits, GetInvoice, InvoiceSummary
from contracts.payments import PayInvoices
from services.payments.auto_pay_models import Charge
from services.payments.domain import requests
from services.payments.domain.present import Present
from services.payments.models import Payment, SavedCard
from services.payments.operations import pay
from services.payments.operations.auto_pay import charges
from services.payments.operations.tools import Tools

BILLING_TIMEOUT_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A payment that is stored, and what it was stored for."""

    payment: Payment
    command: PayInvoices


def ask_billing(tools: Tools, charge: Charge, *, total_minor: int) -> InvoiceSummary:
    """Have billing put the customer's credits on the invoice; what is open then is to be charged."""
    credits = ApplyCredits(
        # A key of its own each time: of an invoice that was held at the first look, more may be free at the next.
        key=new_id(),
        customer_id=charge.customer_id,
        currency=tools.currency,
        # All of it, as far as credits and open amount reach: a repetition puts on what is open by then.
        amount_minor=total_minor,
        invoice_ids=[charge.invoice_id],
    )
    tools.services.call(credits, timeout_s=BILLING_TIMEOUT_S)
    asked = GetInvoice(customer_id=charge.customer_id, invoice_id=charge.invoice_id)
    return tools.services.call(asked, timeout_s=BILLING_TIMEOUT_S).summary


def store(
    session: Session, charge: Charge, card: SavedCard, *, amount_minor: int, owed_minor: int, present: Present
) -> Attempt | None:
    """Store the payment of the charge's next attempt, and that the charge is being made. The charge is locked.

    None where this attempt is stored already: it has been made, or is being made, whatever the charge says.
    """
    number = charge.attempt + 1
    command = PayInvoices(
        key=_key(charge),
        customer_id=charge.customer_id,
        currency=present.currency,
        amount_minor=amount_minor,
        invoice_ids=[charge.invoice_id],
        card_id=card.card_id,
        allow_partial=amount_minor < owed_minor,
    )
    row = pay.new_row(session, command, card.payment_method_id, now=present.system_now, today=present.today) | {
        "request_hash": requests.hash_of(command),
        "auto_invoice_id": charge.invoice_id,
        "auto_cycle": charge.cycle,
        "auto_attempt": number,
    }
    if not pay.insert(session, row):
        payment = session.scalars(
            select(Payment).where(
                Payment.auto_invoice_id == charge.invoice_id,
                Payment.auto_cycle == charge.cycle,
                Payment.auto_attempt == number,
            )
        ).one()
        charges.begin(charge, payment, today=present.today)
        charge.look_at = charges.AT_ONCE
        return None
    payment = Payment(**row)
    charges.begin(charge, payment, today=present.today)
    return Attempt(payment=payment, command=command)


def _key(charge: Charge) -> str:
    return f"{requests.AUTO_PAY_KEYS}{charge.invoice_id}:{charge.cycle}:{charge.attempt + 1}"


def was_captured(session: Session, charge: Charge) -> bool:
    """Whether money came for the charge's latest attempt after all, though it had been told that none would."""
    if charge.payment_id is None:
        return False
    payment = session.get(Payment, charge.payment_id)
    return payment is not None and payment.state == "succeeded"
