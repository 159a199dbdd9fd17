"""Customers as the business brings them: created and updated by reference, each change published once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import outbox
from chassis.ids import new_id
from contracts import codes
from contracts.identity import CustomerRow, ImportCustomers
from contracts.imports import RowResult, RowStatus
from contracts.wire import Refused
from services.identity.domain import contacts
from services.identity.domain.contacts import BadRow, ContactChange
from services.identity.models import Customer
from services.identity.operations import access, on_file

MOST_ROWS = 500


def import_customers(session: Session, command: ImportCustomers, *, now: datetime) -> list[RowResult]:
    """Create or update customers by reference, each row for itself; events only for what really changed.

    A refused row changes nothing. Raises IntegrityError when another import created one of them at the same time.
    """
    if len(command.rows) > MOST_ROWS:
        raise Refused(codes.INVALID, f"At most {MOST_ROWS} rows at a time.", field="rows")
    read = [_read(row) for row in command.rows]
    known = _known(session, {change.reference for change in read if isinstance(change, ContactChange)})
    results: list[RowResult] = []
    changed: dict[str, Customer] = {}
    for row, change in zip(command.rows, read, strict=True):
        if isinstance(change, BadRow):
            results.append(RowResult(row=row.row, status="refused", code=codes.INVALID, message=str(change)))
            continue
        customer = known.get(change.reference)
        if customer is None:
            customer = known[change.reference] = _create(session, change, now=now)
            status: RowStatus = "created"
        elif not command.create_only and _update(session, customer, change, now=now):
            status = "updated"
        else:
            status = "unchanged"
        if status != "unchanged":
            changed[customer.customer_id] = customer
        results.append(RowResult(row=row.row, status=status, id=customer.customer_id))
    session.flush()
    outbox.record_many(session, [on_file.contact_changed(customer, command.origin) for customer in changed.values()])
    return results


def _read(row: CustomerRow) -> ContactChange | BadRow:
    try:
        return contacts.read_row(row)
    except BadRow as error:
        return error


def _known(session: Session, references: set[str]) -> dict[str, Customer]:
    # Locked in one order, so that two imports of the same customers wait for each other instead of deadlocking.
    rows = session.scalars(
        select(Customer).where(Customer.reference.in_(references)).order_by(Customer.reference).with_for_update()
    )
    return {customer.reference: customer for customer in rows}


def _create(session: Session, change: ContactChange, *, now: datetime) -> Customer:
    contact = change.applied_to(None)
    customer = Customer(
        customer_id=new_id(), reference=change.reference, contact_version=1, created_at=now, updated_at=now
    )
    on_file.fill(customer, contact)
    session.add(customer)
    return customer


def _update(session: Session, customer: Customer, change: ContactChange, *, now: datetime) -> bool:
    if customer.business_said is not None:
        said = change.applied_to(on_file.read_written(customer.business_said)).written()
        change, customer.business_said = change.beyond(customer.business_said), said
    former_key = customer.email_key
    if not on_file.write(customer, change.applied_to(on_file.contact_of(customer)), now=now):
        return False
    if former_key is not None and former_key != customer.email_key:
        session.flush()
        access.end_for_address(session, former_key, now=now)
    return True
