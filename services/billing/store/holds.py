"""Holds, with the invoices that they set aside."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from services.billing.domain.hold import HeldPart, Hold
from services.billing.models import HeldInvoiceRow, HoldRow
from services.billing.store.rows import insert_all, insert_new, table_of

_HOLDS = table_of(HoldRow)
_HELD = table_of(HeldInvoiceRow)
_OF_PAYMENT = (
    select(*_HOLDS.c, _HELD.c.invoice_id, _HELD.c.number, _HELD.c.amount_minor)
    .outerjoin(_HELD, _HELD.c.payment_id == _HOLDS.c.payment_id)
    .where(_HOLDS.c.payment_id == bindparam("payment_id"))
    .order_by(_HELD.c.position)
)
_END = (
    update(_HOLDS)
    .where(_HOLDS.c.payment_id == bindparam("of_payment"))
    .values(state=bindparam("state"), ended_at=bindparam("ended_at"))
)
_FREE = update(_HELD).where(_HELD.c.payment_id == bindparam("of_payment")).values(in_force=False)


def hold_of(session: Session, payment_id: str) -> Hold | None:
    """Return what is known of a payment's hold."""
    rows = session.execute(_OF_PAYMENT, {"payment_id": payment_id}).all()
    if not rows:
        return None
    fields: dict[str, Any] = {column.name: value for column, value in zip(_HOLDS.c, rows[0], strict=False)}
    parts = (HeldPart(invoice_id=row[-3], number=row[-2], amount_minor=row[-1]) for row in rows if row[-3] is not None)
    return Hold(**fields, parts=tuple(parts))


def insert_hold(session: Session, hold: Hold) -> bool:
    """Insert a hold with its invoices; False and nothing done if something is known of the payment already."""
    row = _row(hold)
    if not insert_new(session, HoldRow, [row]):
        return False
    insert_all(
        session,
        HeldInvoiceRow,
        (
            {
                "payment_id": hold.payment_id,
                "invoice_id": part.invoice_id,
                "position": position,
                "number": part.number,
                "amount_minor": part.amount_minor,
                "in_force": hold.state == "held",
            }
            for position, part in enumerate(hold.parts)
        ),
    )
    return True


def save_ended_hold(session: Session, hold: Hold) -> None:
    """Write a hold that was released or settled: its invoices are free."""
    ended = {"of_payment": hold.payment_id, "state": hold.state, "ended_at": hold.ended_at}
    session.execute(_END, ended)
    if hold.parts:
        session.execute(_FREE, {"of_payment": hold.payment_id})


def being_paid(session: Session, invoice_ids: Collection[str]) -> set[str]:
    """Return those of the invoices that a payment holds."""
    if not invoice_ids:
        return set()
    query = select(HeldInvoiceRow.invoice_id).where(HeldInvoiceRow.in_force, HeldInvoiceRow.invoice_id.in_(invoice_ids))
    return set(session.scalars(query))


def _row(hold: Hold) -> dict[str, Any]:
    return {
        "payment_id": hold.payment_id,
        "customer_id": hold.customer_id,
        "state": hold.state,
        "amount_minor": hold.amount_minor,
        "created_at": hold.created_at,
        "ended_at": hold.ended_at,
    }
