"""Visits, as objects."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
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


def line_counts(session: Session, invoice_ids: Collection[str]) -> dict[str, int]:
    """Return how many lines each invoice has."""
    query = (
        select(InvoiceLineRow.invoice_id, func.count())
        .where(InvoiceLineRow.invoice_id.in_(invoice_ids))
        .group_by(InvoiceLineRow.invoice_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
