"""A charge and its steps: the only place that sets its state, its day and when it is looked at."""

from datetime import UTC, date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chassis.wakeups import wake_at_commit
from contracts.payments import ChargeState
from services.payments.auto_pay_models import Charge, Invoice
from services.payments.domain import charge_states
from services.payments.domain.charge_dates import ChargeRules
from services.payments.models import Payment

WORKER = "auto-pay"

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Due wherever the business's clock stands: a payment's outcome waits for no day."""


def new(invoice: Invoice) -> Charge:
    """A charge that is not charged: what is known of an open invoice without the customer's word for it."""
    return Charge(
        invoice_id=invoice.invoice_id,
        customer_id=invoice.customer_id,
        state="left",
        cycle=0,
        attempt=0,
        is_above_maximum_agreed=False,
        is_failure_told=False,
        is_reopened=False,
    )


def schedule(session: Session, charge: Charge, *, charge_on: date, rules: ChargeRules) -> None:
    """Plan the charge in a cycle of its own, on a day of which the customer is told first."""
    _begin_cycle(charge)
    charge.told_minor = charge.told_at = None
    plan(session, charge, charge_on=charge_on, rules=rules)


def schedule_at_once(session: Session, charge: Charge, *, today: date) -> None:
    """Plan the charge in a cycle of its own, now: the customer has just said so. What was told still bounds it."""
    _begin_cycle(charge)
    charge.charge_on, charge.charge_at, charge.look_at, charge.not_before = today, AT_ONCE, AT_ONCE, None
    wake_at_commit(session, WORKER)


def plan(session: Session, charge: Charge, *, charge_on: date, rules: ChargeRules) -> None:
    """Set the day of the next try; the customer is told before it unless that was done."""
    charge.charge_on, charge.charge_at = charge_on, rules.instant(charge_on)
    notice_at = rules.notice_at(charge_on) if charge.told_minor is None else None
    charge.look_at = charge.charge_at if notice_at is None else min(notice_at, charge.charge_at)
    charge.not_before = None
    wake_at_commit(session, WORKER)


def begin(charge: Charge, payment: Payment, *, today: date) -> None:
    """A payment of it is stored and will be made: nothing else is tried until its outcome is known."""
    _step(charge, "charging")
    charge.attempt, charge.payment_id = payment.auto_attempt or 0, payment.payment_id
    charge.first_tried_on = charge.first_tried_on or today
    charge.look_at = charge.not_before = None


def try_again(session: Session, charge: Charge, *, charge_on: date, rules: ChargeRules) -> None:
    """After a decline that may pass: the same card, on a later day."""
    _step(charge, "retrying")
    plan(session, charge, charge_on=charge_on, rules=rules)


def go_back(charge: Charge, *, not_before: datetime) -> None:
    """The attempt came to nothing without a decline: it is due as it was."""
    _step(charge, "scheduled" if charge.decline_reason is None else "retrying")
    charge.look_at, charge.not_before = charge.charge_at, not_before


def wait(charge: Charge, *, not_before: datetime) -> None:
    """Leave it alone for a while: what it needs was not to be had."""
    charge.not_before = not_before


def rest(charge: Charge, state: ChargeState) -> None:
    """Nothing is tried by itself any more."""
    _step(charge, state)
    charge.look_at = charge.not_before = charge.charge_at = charge.charge_on = None


def sleep(charge: Charge) -> None:
    """Auto-pay is paused or off: nothing is looked at until the customer turns it on."""
    charge.look_at = charge.not_before = None


def of_customer(session: Session, customer_id: str) -> list[Charge]:
    """The customer's charges that are not over, locked; the account is locked already."""
    query = (
        select(Charge)
        .where(Charge.customer_id == customer_id, Charge.state.not_in(sorted(charge_states.OVER)))
        .order_by(Charge.invoice_id)
        .with_for_update()
    )
    return list(session.scalars(query))


def outcome_came(session: Session, payment: Payment) -> None:
    """In the transaction that settles a payment of auto-pay's: have the worker draw its conclusions."""
    session.execute(
        update(Charge)
        .where(Charge.invoice_id == payment.auto_invoice_id, Charge.payment_id == payment.payment_id)
        .values(look_at=AT_ONCE, not_before=None)
        .execution_options(synchronize_session=False)
    )
    wake_at_commit(session, WORKER)


def _begin_cycle(charge: Charge) -> None:
    _step(charge, "scheduled")
    charge.cycle += 1
    charge.attempt = 0
    charge.first_tried_on = charge.decline_reason = charge.decline_code = charge.payment_id = None
    charge.is_failure_told = charge.is_reopened = False


def _step(charge: Charge, state: ChargeState) -> None:
    charge_states.check_step(charge.state, state)
    charge.state = state
