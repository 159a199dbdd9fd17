"""Credits and allocations."""

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from services.billing.domain.allocation import Allocation
from services.billing.domain.credit import Credit
from services.billing.models import AllocationRow, CreditRow, InvoiceRow
from services.billing.store.rows import columns_of, insert_all, load, object_of, update_all

_OPEN = select(*columns_of(CreditRow, Credit)).where(
    CreditRow.customer_id.in_(bindparam("customer_ids", expanding=True)), CreditRow.used_minor < CreditRow.amount_minor
)


def open_credits(session: Session, customer_ids: Collection[str]) -> list[Credit]:
    """Return the credits of these customers that are not used up."""
    return [object_of(Credit, row) for row in session.execute(_OPEN, {"customer_ids": list(customer_ids)})]


def credits_by_id(session: Session, credit_ids: Collection[str]) -> dict[str, Credit]:
    """Return the credits with these ids."""
    found = load(session, CreditRow, Credit, CreditRow.credit_id.in_(credit_ids))
    return {credit.credit_id: credit for credit in found}


def credits_of(session: Session, customer_id: str, source_ids: Collection[str]) -> list[Credit]:
    """Return a customer's credits that came from payments, voided invoices or returns with these ids, oldest first."""
    return load(
        session,
        CreditRow,
        Credit,
        CreditRow.customer_id == customer_id,
        CreditRow.source_id.in_(source_ids),
        order_by=CreditRow.credit_id,
    )


def allocations_of(session: Session, source_ids: Collection[str]) -> list[Allocation]:
    """Return what payments or credits with these ids have put on invoices and counts, newest first."""
    return load(
        session,
        AllocationRow,
        Allocation,
        AllocationRow.source_id.in_(source_ids),
        AllocationRow.reversed_at.is_(None),
        order_by=AllocationRow.allocation_id.desc(),
    )


def allocations_for(session: Session, customer_id: str) -> list[Allocation]:
    """Return everything that is put on a customer's invoices and counts, newest first."""
    of_customer = select(InvoiceRow.invoice_id).where(InvoiceRow.customer_id == customer_id)
    return load(
        session,
        AllocationRow,
        Allocation,
        AllocationRow.invoice_id.in_(of_customer),
        AllocationRow.reversed_at.is_(None),
        order_by=AllocationRow.allocation_id.desc(),
    )


def insert_credit(session: Session, credit: Credit) -> None:
    """Insert a new credit."""
    insert_all(session, CreditRow, [credit])


def save_credits(session: Session, credits: Sequence[Credit]) -> None:
    """Write credits that have changed."""
    update_all(session, CreditRow, credits)


def live_allocations(session: Session, invoice_id: str) -> list[Allocation]:
    """Return what is put on an invoice and counts, oldest first."""
    return load(
        session,
        AllocationRow,
        Allocation,
        AllocationRow.invoice_id == invoice_id,
        AllocationRow.reversed_at.is_(None),
        order_by=AllocationRow.allocation_id,
    )


def insert_allocations(session: Session, allocations: Sequence[Allocation]) -> None:
    """Insert new allocations."""
    insert_all(session, AllocationRow, allocations)


def save_allocations(session: Session, allocations: Sequence[Allocation]) -> None:
    """Write allocations that were reversed."""
    update_all(session, AllocationRow, allocations)
