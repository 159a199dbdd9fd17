"""The contact projection: how each customer is reached, from identity's events alone."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.identity import ContactChanged
from services.notify.domain import phone_numbers
from services.notify.models import Contact, Delivery
from services.notify.operations import consenting, known_rows, queueing

MOST_RESCUED = 500

_OVERTAKEN = (
    select(Delivery, Contact)
    .join(Contact, Contact.customer_id == Delivery.customer_id)
    .where(Delivery.state == "waiting_for_contact")
    .limit(MOST_RESCUED)
    .with_for_update(of=Delivery, skip_locked=True)
)


def preload(session: Session, events: Sequence[ContactChanged]) -> None:
    """Take a batch's contacts, and what waits for them, in hand."""
    customer_ids = {event.customer_id for event in events}
    known_rows.load(session, Contact.customer_id, customer_ids)
    waiting = queueing.waiting_for(session)
    for delivery in session.scalars(
        select(Delivery).where(Delivery.state == "waiting_for_contact", Delivery.customer_id.in_(customer_ids))
    ):
        waiting.setdefault(str(delivery.customer_id), []).append(delivery)


def contact_changed(session: Session, event: ContactChanged, *, region: str, now: datetime) -> None:
    """Keep the newest contact data, whatever order they come in, and queue what waited for them.

    `region` is the country whose telephone numbers are written without a country code. Consent to texts ends with the
    number that it was given for.
    """
    contact = known_rows.get(session, Contact.customer_id, event.customer_id)
    if contact is None:
        contact = Contact(customer_id=event.customer_id)
        _write(contact, event, region)
        known_rows.add(session, Contact.customer_id, contact)
    elif event.version > contact.version:
        former = contact.number
        _write(contact, event, region)
        if former is not None and former != contact.number:
            consenting.number_changed(session, contact, now=now)
    for delivery in queueing.waiting_for(session).pop(event.customer_id, ()):
        queueing.address(session, delivery, contact, now=now)


def queue_overtaken(session: Session, *, now: datetime) -> int:
    """Queue what waits although its contact is here; return how many that were.

    A delivery and its contact that were written at the same moment by two copies did not see each other.
    """
    overtaken = session.execute(_OVERTAKEN).all()
    for delivery, contact in overtaken:
        queueing.address(session, delivery, contact, now=now)
    return len(overtaken)


def _write(contact: Contact, event: ContactChanged, region: str) -> None:
    contact.version = event.version
    contact.name = event.name
    contact.email = event.email
    contact.phone = event.phone
    contact.number = phone_numbers.e164(event.phone, region)
