"""One-time links: a message each, whose secret is fetched only when it is sent."""

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from chassis.ids import new_id
from contracts.identity import LinkIssued, LinkPurpose
from contracts.notify import MessageKind
from services.notify.domain.facts.links import LinkFacts
from services.notify.models import Delivery
from services.notify.operations import known_deliveries, queueing

KINDS: dict[LinkPurpose, MessageKind] = {
    "sign_up": "sign_up_link",
    "reset": "reset_link",
    "invitation": "invitation",
}


def link_issued(session: Session, event: LinkIssued, *, now: datetime) -> None:
    """Queue the message; it goes to the address in the event, whether the contact is here yet or not."""
    kind = KINDS[event.purpose]
    if known_deliveries.get(session, event.link_id, kind) is not None:
        return
    delivery = Delivery(
        delivery_id=new_id(),
        kind=kind,
        source_id=event.link_id,
        customer_id=event.customer_ids[0] if event.customer_ids else None,
        to_address=event.email,
        attempts=0,
        created_at=now,
        facts=msgspec.json.encode(LinkFacts(name=event.name)).decode(),
    )
    queueing.queue(session, delivery, now=now)
    known_deliveries.add(session, delivery)
