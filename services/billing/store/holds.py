"""Holds, with the invoices that they set aside."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.billing.domain.hold import HeldPart, Hold
from services.billing.models import HeldInvoiceRow, HoldRow
from services.billing.store.rows import insert_all, insert_new


def hold_of(session: Session, payment_id: str) -> Hold | None:
    """Return what is known of a payment's hold."""
    own = HoldRow.__table__.columns
    query = (
        select(*own, HeldInvoiceRow.invoice_id, HeldInvoiceRow.number, HeldInvoiceRow.amount_minor)
        .outerjoin(HeldInvoiceRow, HeldInvoiceRow.payment_id == HoldRow.payment_id)
        .where(HoldRow.payment_id == payment_id)
        .order_by(HeldInvoiceRow.position)
    )
    rows = session.execute(query).all()
    if not rows:
        return None
    fields: dict[str, Any] = {column.name: value for column, value in zip(own, rows[0], strict=False)}
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
    session.execute(update(HoldRow).where(HoldRow.payment_id == hold.payment_id).values(_row(hold)))
    if hold.parts:
        session.execute(
            update(HeldInvoiceRow).where(HeldInvoiceRow.payment_id == hold.payment_id).values(in_force=False)
        )


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
