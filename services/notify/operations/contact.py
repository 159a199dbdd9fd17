"""What customers and strangers write to the business: kept, e-mailed to it, and acknowledged where that is safe.

An acknowledgement goes to an address on file only: whoever is signed in has proved it, and somebody else's gets no
word of the writer's. To any other address we would be sending mail because a stranger typed it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from chassis.idempotency import once
from chassis.ids import new_id
from chassis.networks import network_of
from contracts import codes
from contracts.notify import ContactDone, MarkContactAnswered, Suspicion, WriteToBusiness
from contracts.wire import Refused
from services.notify.domain import contact_rules
from services.notify.domain.contact_rules import BadField, Written
from services.notify.domain.facts.contact import AcknowledgementFacts, ContactMessageFacts
from services.notify.emails.business import Business
from services.notify.models import Contact, ContactMessage
from services.notify.operations import queueing

_WHENCE_KEPT = timedelta(days=1)


def write_to_business(session: Session, command: WriteToBusiness, *, business: Business, now: datetime) -> ContactDone:
    """Keep the message, once for its key, and queue its e-mails. Refused as `WriteToBusiness` says."""
    contact = session.get(Contact, command.customer_id) if command.customer_id is not None else None
    written = _read(command, contact)
    # Sent twice, a form comes from elsewhere or later: what it says counts.
    said = msgspec.structs.replace(command, visitor_id="", ip_address="", trap="", open_s=None)
    return once(session, command.key, said, lambda: _keep(session, command, written, business=business, now=now))


def mark_answered(session: Session, command: MarkContactAnswered, *, now: datetime) -> ContactMessage:
    """Note that a message was answered, or that it was not. Refused `not_found`."""
    message = session.get(ContactMessage, command.message_id, with_for_update=True)
    if message is None:
        raise Refused(codes.NOT_FOUND, "There is no such message.")
    if not command.answered:
        message.answered_at = None
    elif message.answered_at is None:
        message.answered_at = now
    return message


def _read(command: WriteToBusiness, contact: Contact | None) -> Written:
    try:
        return contact_rules.read(
            message=command.message,
            topic=command.topic,
            name=contact.name if contact is not None else command.name,
            email=(contact.email or "") if contact is not None else command.email,
            phone=command.phone.strip() or _phone_on_file(contact),
            is_signed_in=command.customer_id is not None,
        )
    except BadField as error:
        raise Refused(codes.INVALID, str(error), field=error.field) from None


def _phone_on_file(contact: Contact | None) -> str:
    """What can be called without being typed again; an entry too long for a message is nothing its writer can mend."""
    phone = (contact.phone or "") if contact is not None else ""
    return phone if len(phone) <= contact_rules.LONGEST_PHONE else ""


def _keep(
    session: Session, command: WriteToBusiness, written: Written, *, business: Business, now: datetime
) -> ContactDone:
    _forget_whence(session, now=now)
    _check_how_often(session, command, written, now=now)
    found: list[Suspicion] = []
    if command.customer_id is None:
        found = contact_rules.suspicions(message=written.message, trap=command.trap, open_s=command.open_s)
    row = ContactMessage(
        message_id=new_id(),
        received_at=now,
        customer_id=command.customer_id,
        reference=command.reference,
        name=written.name,
        email=written.email,
        email_key=contact_rules.address_key(written.email),
        phone=written.phone,
        topic=written.topic,
        invoice_id=command.invoice_id,
        invoice_number=command.invoice_number,
        message=written.message,
        suspicions=",".join(found),
        network=network_of(command.ip_address),
        visitor_id=command.visitor_id or None,
        answered_at=None,
    )
    session.add(row)
    on_file = _on_file(session, row)
    pass_on(session, row, found, business=business, is_on_file=on_file is not None, now=now)
    if on_file is not None and on_file.email is not None and not found:
        _acknowledge(session, row, on_file, now=now)
    return ContactDone(message_id=row.message_id)


def _on_file(session: Session, row: ContactMessage) -> Contact | None:
    """The customer who wrote, or the first one whose address was typed."""
    if row.customer_id is not None:
        known = session.get(Contact, row.customer_id)
        return known or Contact(customer_id=row.customer_id, version=0, name=row.name, email=row.email or None)
    return session.scalars(
        select(Contact).where(func.lower(Contact.email) == row.email.lower()).order_by(Contact.customer_id).limit(1)
    ).first()


def pass_on(
    session: Session,
    row: ContactMessage,
    found: list[Suspicion],
    *,
    business: Business,
    is_on_file: bool,
    now: datetime,
) -> None:
    """Queue the e-mail to the business; an answer to it goes to the writer, where an address is known."""
    queueing.add_to_address(
        session,
        kind="contact_message",
        source_id=row.message_id,
        customer_ids=[row.customer_id] if row.customer_id is not None else [],
        email=business.email,
        facts=ContactMessageFacts(
            name=business.name,
            reference=row.reference,
            sender_name=row.name,
            sender_email=row.email,
            sender_phone=row.phone,
            topic=row.topic,
            invoice_number=row.invoice_number,
            message=row.message,
            received_at=row.received_at,
            suspicions=found,
            is_on_file=is_on_file,
        ),
        now=now,
    )


def _acknowledge(session: Session, row: ContactMessage, to: Contact, *, now: datetime) -> None:
    is_proved = row.customer_id is not None
    queueing.add_to_address(
        session,
        kind="contact_acknowledgement",
        source_id=row.message_id,
        customer_ids=[to.customer_id],
        email=to.email or "",
        facts=AcknowledgementFacts(
            name=to.name,
            topic=row.topic if is_proved else "",
            invoice_number=row.invoice_number,
            message=row.message if is_proved else "",
            received_at=row.received_at,
        ),
        now=now,
    )


def _check_how_often(session: Session, command: WriteToBusiness, written: Written, *, now: datetime) -> None:
    since = now - contact_rules.COUNTED_WITHIN
    for condition, most in _limits(command, written):
        latest = list(
            session.scalars(
                select(ContactMessage.received_at)
                .where(condition, ContactMessage.received_at > since)
                .order_by(ContactMessage.received_at.desc())
                .limit(most)
            )
        )
        if len(latest) >= most:
            wait = latest[-1] + contact_rules.COUNTED_WITHIN - now
            raise Refused(
                codes.THROTTLED,
                "You have written several messages within the hour. Please wait a while, or call us.",
                retry_after_s=max(1, int(wait.total_seconds())),
            )


def _limits(command: WriteToBusiness, written: Written) -> Iterator[tuple[ColumnElement[bool], int]]:
    if command.customer_id is not None:
        yield ContactMessage.customer_id == command.customer_id, contact_rules.MOST_OF_A_CUSTOMER
        return
    key = contact_rules.address_key(written.email)
    yield ContactMessage.email_key == key, contact_rules.MOST_OF_AN_ADDRESS
    if command.visitor_id:
        yield ContactMessage.visitor_id == command.visitor_id, contact_rules.MOST_OF_A_VISITOR
    network = network_of(command.ip_address)
    if network is not None:
        yield ContactMessage.network == network, contact_rules.MOST_OF_A_NETWORK


def _forget_whence(session: Session, *, now: datetime) -> None:
    session.execute(
        update(ContactMessage)
        .where(
            ContactMessage.received_at <= now - _WHENCE_KEPT,
            ContactMessage.network.is_not(None) | ContactMessage.visitor_id.is_not(None),
        )
        .values(network=None, visitor_id=None)
        .execution_options(synchronize_session=False)
    )
