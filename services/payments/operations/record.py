"""Payments received by hand or brought along: money that has arrived, so nothing of it is ever refused for good."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis import outbox
from chassis.ids import new_id
from chassis.outbox import NewEvent
from contracts import codes
from contracts.imports import Origin, RowResult
from contracts.payments import RecordedPayment, RecordPayments
from contracts.wire import Refused
from services.payments.domain.minimums import MAXIMUM_RECORDED_MINOR
from services.payments.models import Payment
from services.payments.operations import transition
from services.payments.operations.tools import Tools

MOST_ROWS = 500
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)
_LONGEST_KEY = 200
_LONGEST_REFERENCE = 255


def record_payments(tools: Tools, command: RecordPayments) -> list[RowResult]:
    """Record each row for itself and say how it fared, in the rows' order. The same rows again change nothing."""
    if len(command.rows) > MOST_ROWS:
        raise Refused(codes.INVALID, f"At most {MOST_ROWS} payments at a time.", field="rows")
    try:
        return _record(tools, command)
    except IntegrityError:
        # Somebody recorded one of these keys since we looked; now it is seen.
        return _record(tools, command)


def _record(tools: Tools, command: RecordPayments) -> list[RowResult]:
    now = tools.system_clock.now()
    with tools.database.transaction() as session:
        today = tools.business_clock.today(session)
        known = _by_external_key(session, command.rows)
        results, new = [], []
        for row in command.rows:
            payment = known.get(row.external_key)
            if payment is not None:
                results.append(_repeated(payment, row))
            elif row.only_if_known:
                results.append(_unknown(row))
            elif problem := _problem(row, today=today, origin=command.origin):
                results.append(problem)
            else:
                payment = _payment(row, currency=tools.currency, origin=command.origin, now=now)
                known[row.external_key] = payment
                new.append(payment)
                results.append(_result(row, "created", payment))
        _store(session, new)
    return results


def _by_external_key(session: Session, rows: Sequence[RecordedPayment]) -> dict[str, Payment]:
    keys = {row.external_key for row in rows}
    found = session.execute(select(Payment).where(Payment.external_key.in_(keys))).scalars()
    return {payment.external_key: payment for payment in found if payment.external_key is not None}


def _store(session: Session, payments: Sequence[Payment]) -> None:
    """Insert the payments and record their events, each with one statement for all of them."""
    if not payments:
        return
    columns = [column.key for column in Payment.__table__.columns]
    session.execute(insert(Payment), [{name: getattr(payment, name) for name in columns} for payment in payments])
    outbox.record_many(
        session,
        [
            NewEvent(
                event=transition.succeeded_event(payment),
                aggregate_id=payment.payment_id,
                aggregate_version=payment.version,
                ordering_key=payment.customer_id,
            )
            for payment in payments
        ],
    )


def _payment(row: RecordedPayment, *, currency: str, origin: Origin, now: datetime) -> Payment:
    return Payment(
        payment_id=new_id(),
        customer_id=row.customer_id,
        external_key=row.external_key,
        # It is in the till: there is nothing to move through.
        state="succeeded",
        version=1,
        method=row.method,
        origin=origin,
        currency=currency,
        amount_minor=row.amount_minor,
        excess_minor=0,
        # Which part goes to each is for billing to say; its numbers come with the allocation.
        invoices=[{"invoice_id": invoice_id, "number": "", "amount_minor": 0} for invoice_id in row.invoice_ids],
        allocated_version=0,
        reference=row.reference,
        created_at=now,
        received_on=row.received_on,
        listed_on=row.received_on,
        save_card=False,
        checks=0,
        needs_staff=False,
    )


def _problem(row: RecordedPayment, *, today: date, origin: Origin) -> RowResult | None:
    checks: list[tuple[bool, str]] = [
        (row.amount_minor <= 0, "The amount must be more than zero."),
        (row.amount_minor > MAXIMUM_RECORDED_MINOR, "The amount is absurdly large."),
        (not 0 < len(row.external_key) <= _LONGEST_KEY, f"The key has 1 to {_LONGEST_KEY} characters."),
        (not 0 < len(row.customer_id) <= 36, "The customer's id is wrong."),
        (not EARLIEST <= row.received_on <= LATEST, f"The date of receipt {row.received_on} is out of range."),
        (len(row.reference) > _LONGEST_REFERENCE, f"The reference has at most {_LONGEST_REFERENCE} characters."),
        # History is imported as of whatever day the business says is today.
        (origin == "portal" and row.received_on > today, "The date of receipt is in the future."),
    ]
    message = next((message for is_wrong, message in checks if is_wrong), None)
    return None if message is None else RowResult(row=row.row, status="refused", code=codes.INVALID, message=message)


def _repeated(payment: Payment, row: RecordedPayment) -> RowResult:
    stored: tuple[Any, ...] = (payment.customer_id, payment.amount_minor, payment.method, payment.received_on)
    if stored == (row.customer_id, row.amount_minor, row.method, row.received_on):
        return _result(row, "unchanged", payment)
    return RowResult(
        row=row.row,
        status="refused",
        id=payment.payment_id,
        code=codes.KEY_REUSED,
        message="A payment with this key is recorded already, with another customer, amount, method or date.",
    )


def _unknown(row: RecordedPayment) -> RowResult:
    message = "This payment was never recorded here."
    return RowResult(row=row.row, status="refused", code=codes.CONFLICT, message=message)


def _result(row: RecordedPayment, status: Any, payment: Payment) -> RowResult:
    return RowResult(row=row.row, status=status, id=payment.payment_id, state=payment.state)
