"""What becomes of a customer's charges when auto-pay is turned on, goes on, or gets another card or maximum."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.payments.auto_pay_models import AutoPayAccount, Charge, Invoice
from services.payments.domain import charge_dates, charge_states
from services.payments.domain.present import Present
from services.payments.models import SavedCard
from services.payments.operations.auto_pay import charges, invoices

_DECLINED = frozenset({"retrying", "declined", "needs_customer"})

MOST_TAKEN_IN = 1000
"""So many open invoices are taken in at an enrolment."""


def go_on(session: Session, account: AutoPayAccount, card: SavedCard, present: Present) -> None:
    """On, with this card: what waited for it is taken up. The account is locked."""
    was_paused = account.state == "paused"
    account.state, account.card_id = "on", card.card_id
    account.paused_at = account.pause_reason = None
    account.card_look_at = present.rules.instant(charge_dates.card_notice_on(card.exp_year, card.exp_month))
    for charge in charges.of_customer(session, account.customer_id):
        is_worth_it = was_paused or charge.declined_method != card.payment_method_id
        if charge.state in _DECLINED and is_worth_it:
            charges.schedule_at_once(session, charge, today=present.today)
        elif charge.state == "scheduled" and was_paused:
            _wake_up(session, charge, present)
        elif charge.state == "above_maximum":
            _schedule_if_below(session, charge, account, present)


def take_in_balance(session: Session, account: AutoPayAccount, present: Present, *, is_wanted: bool) -> int:
    """Note what is open at the enrolment; with the customer's word charge it, each invoice on its day.

    Returns the sum of what is charged.
    """
    open_invoices = (
        select(Invoice)
        .where(Invoice.customer_id == account.customer_id, Invoice.known, ~Invoice.voided)
        .where(Invoice.placed_minor < Invoice.total_minor)
        .order_by(Invoice.due_on, Invoice.invoice_id)
        .limit(MOST_TAKEN_IN)
    )
    total_minor = 0
    for invoice in session.scalars(open_invoices).all():
        charge = session.get(Charge, invoice.invoice_id, with_for_update=True)
        if charge is None:
            charge = charges.new(invoice)
            session.add(charge)
        if charge.state in charge_states.OVER:
            charges.rest(charge, "left")
        if is_wanted and charge.state == "left":
            invoices.cover(session, charge, invoice, account=account, rules=present.rules)
            total_minor += invoice.open_minor
    return total_minor


def ask_again(session: Session, charge: Charge, invoice: Invoice, present: Present) -> None:
    """Charge an invoice after all: when it is due, and not before the customer was told in time."""
    charge_on = charge_dates.opted_in_on(due_on=invoice.due_on or present.today, today=present.today)
    charges.schedule(session, charge, charge_on=charge_on, rules=present.rules)


def _wake_up(session: Session, charge: Charge, present: Present) -> None:
    if charge.charge_at is not None and charge.charge_on is not None and charge.charge_at > present.now:
        charges.plan(session, charge, charge_on=charge.charge_on, rules=present.rules)
    else:
        # Its day passed during the pause.
        ask_again(session, charge, session.get_one(Invoice, charge.invoice_id), present)


def _schedule_if_below(session: Session, charge: Charge, account: AutoPayAccount, present: Present) -> None:
    invoice = session.get_one(Invoice, charge.invoice_id)
    if account.maximum_minor is None or invoice.open_minor <= account.maximum_minor:
        ask_again(session, charge, invoice, present)
