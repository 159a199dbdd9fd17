"""Deliveries come to be here: one for each thing worth a message, in the state that the contact data allow."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from chassis.ids import new_id
from chassis.working import wake
from contracts.notify import MessageKind
from services.notify.emails.letters import KINDS
from services.notify.models import Contact, Delivery
from services.notify.operations import choosing, known_deliveries, known_rows

WORK = "deliveries"
"""What a commit with queued deliveries wakes."""

_WAITING = "notify.waiting_deliveries"


def preload(session: Session, *, source_ids: Iterable[str], customer_ids: Iterable[str]) -> None:
    """Take what `add_delivery` needs for all of a batch in hand."""
    known_deliveries.load(session, source_ids)
    customer_ids = set(customer_ids)
    known_rows.load(session, Contact.customer_id, customer_ids)
    choosing.preload(session, customer_ids)


def add_delivery(
    session: Session,
    *,
    kind: MessageKind,
    source_id: str,
    customer_id: str,
    facts: msgspec.Struct,
    now: datetime,
) -> None:
    """Write down that a customer gets a message, unless there is one of this kind about this already."""
    if known_deliveries.get(session, source_id, kind) is not None:
        return
    delivery = Delivery(
        delivery_id=new_id(),
        kind=kind,
        source_id=source_id,
        customer_id=customer_id,
        state="waiting_for_contact",
        attempts=0,
        created_at=now,
        facts=msgspec.json.encode(facts).decode(),
    )
    contact = known_rows.get(session, Contact.customer_id, customer_id)
    if not choosing.wants_email(session, customer_id, kind):
        # Kept all the same: whoever asks why there was no e-mail finds the answer here.
        delivery.state, delivery.last_error = "withdrawn", "the customer does not want this kind of e-mail"
    elif contact is None:
        waiting_for(session).setdefault(customer_id, []).append(delivery)
    else:
        address(session, delivery, contact, now=now)
    known_deliveries.add(session, delivery)


def add_to_address(
    session: Session,
    *,
    kind: MessageKind,
    source_id: str,
    customer_ids: Sequence[str],
    email: str,
    facts: msgspec.Struct,
    now: datetime,
) -> None:
    """Write down that an address gets a message, whether its contact is here yet or not, unless there is one already.

    Among the customers that share the address it is listed with the first.
    """
    if known_deliveries.get(session, source_id, kind) is not None:
        return
    delivery = Delivery(
        delivery_id=new_id(),
        kind=kind,
        source_id=source_id,
        customer_id=customer_ids[0] if customer_ids else None,
        to_address=email,
        attempts=0,
        created_at=now,
        facts=msgspec.json.encode(facts).decode(),
    )
    queue(session, delivery, now=now)
    known_deliveries.add(session, delivery)


def waiting_for(session: Session) -> dict[str, list[Delivery]]:
    """The deliveries in hand that wait for a contact, by customer: loaded ones, and those of this very batch."""
    waiting: dict[str, list[Delivery]] = session.info.setdefault(_WAITING, {})
    return waiting


def address(session: Session, delivery: Delivery, contact: Contact, *, now: datetime) -> None:
    """The contact is known: queue what waits for it, or set it down as unreachable."""
    if delivery.state != "waiting_for_contact":
        # Withdrawn by another event of the same batch.
        return
    if contact.email is None:
        delivery.state = "unreachable"
        return
    delivery.to_address = contact.email
    queue(session, delivery, now=now)


def goes_to_contact(delivery: Delivery) -> bool:
    """Whether a message goes to the address on file when it is sent; a link goes to the one that asked for it."""
    return KINDS[delivery.kind].goes_to == "contact"


def queue(session: Session, delivery: Delivery, *, now: datetime) -> None:
    """Have a delivery sent by the worker, which is woken at the commit."""
    delivery.state = "queued"
    delivery.next_try_at = now
    wake(session, WORK)


def withdraw(delivery: Delivery) -> None:
    """The reason for a message is gone before it went out: nobody need send a failed one again either."""
    if delivery.state in ("waiting_for_contact", "queued", "unreachable", "failed"):
        delivery.state = "withdrawn"
        delivery.next_try_at = None
        delivery.claim = None
