"""Visits, as objects."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.billing.domain.visit import Visit
from services.billing.models import InvoiceLineRow, InvoiceRow, VisitRow
from services.billing.store.rows import insert_new, load, update_all


def visit_owner(session: Session, visit_id: str) -> str | None:
    """Return the customer of a visit; None if there is no such visit. A visit never changes its customer."""
    return session.scalar(select(VisitRow.customer_id).where(VisitRow.visit_id == visit_id))


def visit_by_id(session: Session, visit_id: str) -> Visit:
    """Return a visit that exists."""
    (visit,) = load(session, VisitRow, Visit, VisitRow.visit_id == visit_id)
    return visit


def visit_owners_by_reference(session: Session, references: Collection[str]) -> dict[str, str]:
    """Return the customer of each visit that exists, by its reference."""
    query = select(VisitRow.reference, VisitRow.customer_id).where(VisitRow.reference.in_(references))
    return {str(row[0]): row[1] for row in session.execute(query)}


def visits_by_reference(session: Session, references: Collection[str]) -> dict[str, Visit]:
    """Return the visits with these references."""
    found = load(session, VisitRow, Visit, VisitRow.reference.in_(references))
    return {str(visit.reference): visit for visit in found}


def insert_visits(session: Session, visits: Sequence[Visit]) -> set[str]:
    """Insert visits and return the ids of those inserted: a reference that was taken meanwhile keeps its visit."""
    return insert_new(session, VisitRow, sorted(visits, key=lambda visit: visit.reference or visit.visit_id))


def save_visits(session: Session, visits: Sequence[Visit]) -> None:
    """Write visits that have changed."""
    update_all(session, VisitRow, visits)


def owed_among(session: Session, invoice_ids: Collection[str]) -> set[str]:
    """Return those of the invoices that were sent and are not void."""
    query = select(InvoiceRow.invoice_id).where(InvoiceRow.invoice_id.in_(invoice_ids), InvoiceRow.state == "sent")
    return set(session.scalars(query))


def has_line(session: Session, invoice_id: str, line: int) -> bool:
    """Whether an invoice has a line at this position."""
    query = select(InvoiceLineRow.position).where(
        InvoiceLineRow.invoice_id == invoice_id, InvoiceLineRow.position == line
    )
    return session.scalar(query) is not None
