"""One-time links: a message each, whose secret is fetched only when it is sent."""

from datetime import datetime

from sqlalchemy.orm import Session

from contracts.identity import LinkIssued, LinkPurpose
from contracts.notify import MessageKind
from services.notify.domain.facts.links import LinkFacts
from services.notify.operations import queueing

KINDS: dict[LinkPurpose, MessageKind] = {
    "sign_up": "sign_up_link",
    "reset": "reset_link",
    "invitation": "invitation",
    "email_change": "email_change_link",
}


def link_issued(session: Session, event: LinkIssued, *, now: datetime) -> None:
    """Queue the message; it goes to the address in the event, whether the contact is here yet or not."""
    queueing.add_to_address(
        session,
        kind=KINDS[event.purpose],
        source_id=event.link_id,
        customer_ids=event.customer_ids,
        email=event.email,
        facts=LinkFacts(name=event.name),
        now=now,
    )
