"""What is on file of a customer: read, written with a higher version, and told to whoever listens."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.outbox import NewEvent
from contracts.identity import ContactChanged
from contracts.imports import Origin
from services.identity.domain import email_addresses
from services.identity.domain.contacts import Contact
from services.identity.domain.email_addresses import EmailAddress
from services.identity.models import Customer


def contact_of(customer: Customer) -> Contact:
    """What is on file of a customer."""
    email = None
    if customer.email is not None and customer.email_key is not None:
        email = EmailAddress(written=customer.email, key=customer.email_key)
    return Contact(name=customer.name, email=email, phone=customer.phone, address=customer.address)


def write(customer: Customer, after: Contact, *, now: datetime) -> bool:
    """Put contact data on file; False when they are what is there."""
    if after == contact_of(customer):
        return False
    fill(customer, after)
    customer.contact_version += 1
    customer.updated_at = now
    return True


def fill(customer: Customer, contact: Contact) -> None:
    """Give a row its contact data."""
    customer.name = contact.name
    customer.email = contact.email.written if contact.email else None
    customer.email_key = contact.email.key if contact.email else None
    customer.phone = contact.phone
    customer.address = contact.address


def keep_what_the_business_said(customer: Customer) -> None:
    """Before a customer's own change: what is on file now is what the business said, unless that is kept already."""
    if customer.business_said is None:
        customer.business_said = contact_of(customer).written()


def read_written(written: Mapping[str, Any]) -> Contact:
    """Contact data as `Contact.written` made them."""
    email = email_addresses.parse(written["email"]) if written["email"] else None
    return Contact(name=written["name"], email=email, phone=written["phone"], address=written["address"])


def contact_changed(customer: Customer, origin: Origin) -> NewEvent:
    """The event that says what is on file of a customer now."""
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
