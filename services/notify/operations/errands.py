"""Taking deliveries to be sent, so that of several workers each sends its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.ids import new_id
from contracts.notify import MessageKind
from services.notify.domain import retries
from services.notify.models import Contact, Delivery

LEASE = timedelta(minutes=5)
"""How long a taken delivery is left to whoever took it; when that one died, it is due again."""


@dataclass(frozen=True, kw_only=True)
class Errand:
    """A delivery that was taken to be sent, as it was then. `claim` names this taking."""

    delivery_id: str
    claim: str
    kind: MessageKind
    source_id: str
    attempts: int
    facts: str
    name: str
    address: str


def claim(session: Session, *, now: datetime, limit: int) -> list[Errand]:
    """Take deliveries that are due, the longest waiting first. Each counts as tried from now on.

    Addressed anew from the contact as it is now. One whose last try was cut off is given up, one whose customer
    has no address any more is unreachable.
    """
    due = session.execute(
        select(Delivery, Contact)
        .outerjoin(Contact, Contact.customer_id == Delivery.customer_id)
        .where(Delivery.state == "queued", Delivery.next_try_at <= now)
        .order_by(Delivery.next_try_at, Delivery.delivery_id)
        .limit(limit)
        .with_for_update(of=Delivery, skip_locked=True)
    ).all()
    return _take(due, claim=new_id(), now=now)


def _take(due: Sequence[tuple[Delivery, Contact | None]], *, claim: str, now: datetime) -> list[Errand]:
    errands = []
    for delivery, contact in due:
        if delivery.attempts >= retries.MOST_TRIES:
            delivery.state = "failed"
            delivery.last_error = "the last try was cut off"
            continue
        if delivery.kind in ("invoice_sent", "receipt") and contact is not None:
            delivery.to_address = contact.email
        if delivery.to_address is None or delivery.facts is None:
            delivery.state = "unreachable"
            continue
        delivery.attempts += 1
        delivery.claim = claim
        delivery.next_try_at = now + LEASE
        errands.append(
            Errand(
                delivery_id=delivery.delivery_id,
                claim=claim,
                kind=delivery.kind,
                source_id=delivery.source_id,
                attempts=delivery.attempts,
                facts=delivery.facts,
                name=contact.name if contact is not None else "",
                address=delivery.to_address,
            )
        )
    return errands
