"""Customers as the business brings them: created and updated by reference, each change published once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import outbox
from chassis.ids import new_id
from chassis.outbox import NewEvent
from contracts import codes
from contracts.identity import ContactChanged, CustomerRow, ImportCustomers
from contracts.imports import Origin, RowResult, RowStatus
from contracts.wire import Refused
from services.identity.domain import contacts
from services.identity.domain.contacts import BadRow, Contact, ContactChange
from services.identity.domain.email_addresses import EmailAddress
from services.identity.models import Customer
from services.identity.operations import access

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
    outbox.record_many(session, [_contact_changed(customer, command.origin) for customer in changed.values()])
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
    _write(customer, contact)
    session.add(customer)
    return customer


def _update(session: Session, customer: Customer, change: ContactChange, *, now: datetime) -> bool:
    before = _contact_of(customer)
    after = change.applied_to(before)
    if after == before:
        return False
    former_key = customer.email_key
    _write(customer, after)
    customer.contact_version += 1
    customer.updated_at = now
    if former_key is not None and former_key != customer.email_key:
        session.flush()
        access.end_for_address(session, former_key, now=now)
    return True


def _contact_of(customer: Customer) -> Contact:
    email = None
    if customer.email is not None and customer.email_key is not None:
        email = EmailAddress(written=customer.email, key=customer.email_key)
    return Contact(name=customer.name, email=email, phone=customer.phone, address=customer.address)


def _write(customer: Customer, contact: Contact) -> None:
    customer.name = contact.name
    customer.email = contact.email.written if contact.email else None
    customer.email_key = contact.email.key if contact.email else None
    customer.phone = contact.phone
    customer.address = contact.address


def _contact_changed(customer: Customer, origin: Origin) -> NewEvent:
    return NewEvent(
        event=ContactChanged(
            customer_id=customer.customer_id,
            version=customer.contact_version,
            reference=customer.reference,
            name=customer.name,
            email=customer.email,
            phone=customer.phone,
            address=customer.address,
            origin=origin,
        ),
        aggregate_id=customer.customer_id,
        aggregate_version=customer.contact_version,
        ordering_key=customer.customer_id,
    )
