"""Taking deliveries to be sent, so that of several workers each sends its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, select, update
from sqlalchemy.orm import Session

from chassis.ids import new_id
from contracts.notify import MessageKind
from services.notify.domain import retries
from services.notify.models import Contact, Delivery
from services.notify.operations import queueing

LEASE = timedelta(minutes=5)
"""How long a taken delivery is left to whoever took it; when that one died, it is due again."""

_DUE = (
    select(Delivery, Contact)
    .outerjoin(Contact, Contact.customer_id == Delivery.customer_id)
    .where(Delivery.state == "queued", Delivery.next_try_at <= bindparam("now"))
    .order_by(Delivery.next_try_at, Delivery.delivery_id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(of=Delivery, skip_locked=True)
)
_TAKEN = (
    update(Delivery.__table__)  # type: ignore[arg-type]
    .where(Delivery.delivery_id.in_(bindparam("delivery_ids", expanding=True)))
    .values(attempts=Delivery.attempts + 1, claim=bindparam("name"), next_try_at=bindparam("due_again_at"))
)
"""One statement for all that is taken, where changing each object would be one for each."""


@dataclass(frozen=True, kw_only=True)
class Errand:
    """A delivery that was taken to be sent, as it was then. `claim` names this taking."""

    delivery_id: str
    claim: str
    kind: MessageKind
    source_id: str
    customer_id: str | None
    attempts: int
    facts: str
    name: str
    address: str


def claim(session: Session, *, now: datetime, limit: int) -> list[Errand]:
    """Take deliveries that are due, the longest waiting first. Each counts as tried from now on.

    Addressed anew from the contact as it is now. One whose last try was cut off is given up, one whose customer
    has no address any more is unreachable.
    """
    due = session.execute(_DUE, {"now": now, "most": limit}).all()
    errands = _errands(due, claim=new_id())
    if errands:
        taken = [errand.delivery_id for errand in errands]
        session.execute(_TAKEN, {"delivery_ids": taken, "name": errands[0].claim, "due_again_at": now + LEASE})
    return errands


def _errands(due: Sequence[tuple[Delivery, Contact | None]], *, claim: str) -> list[Errand]:
    errands = []
    for delivery, contact in due:
        if delivery.attempts >= retries.MOST_TRIES:
            delivery.state = "failed"
            delivery.last_error = "the last try was cut off"
            continue
        if contact is not None and queueing.goes_to_contact(delivery):
            delivery.to_address = contact.email
        if delivery.to_address is None or delivery.facts is None:
            delivery.state = "unreachable"
            continue
        errands.append(
            Errand(
                delivery_id=delivery.delivery_id,
                claim=claim,
                kind=delivery.kind,
                source_id=delivery.source_id,
                customer_id=delivery.customer_id,
                attempts=delivery.attempts + 1,
                facts=delivery.facts,
                name=contact.name if contact is not None else "",
                address=delivery.to_address,
            )
        )
    return errands
