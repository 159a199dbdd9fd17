"""The deliveries that one batch of events has in hand, by what they are about: an invoice may have several.

Loaded with one query; that there is none is remembered too.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from contracts.notify import MessageKind
from services.notify.models import Delivery

_KEY = "notify.known_deliveries"
_ABOUT = select(Delivery).where(Delivery.source_id.in_(bindparam("source_ids", expanding=True)))


def load(session: Session, source_ids: Iterable[str]) -> None:
    """Fetch the deliveries about these, those that are not in hand, with one query."""
    known = _known(session)
    missing = {source_id for source_id in source_ids if source_id not in known}
    if not missing:
        return
    for source_id in missing:
        known[source_id] = {}
    for delivery in session.scalars(_ABOUT, {"source_ids": list(missing)}):
        known[delivery.source_id][delivery.kind] = delivery


def get(session: Session, source_id: str, kind: MessageKind) -> Delivery | None:
    """The delivery of this kind about this; None if there is none."""
    load(session, (source_id,))
    return _known(session)[source_id].get(kind)


def add(session: Session, delivery: Delivery) -> None:
    """Insert a delivery and have it in hand."""
    load(session, (delivery.source_id,))
    session.add(delivery)
    _known(session)[delivery.source_id][delivery.kind] = delivery


def _known(session: Session) -> dict[str, dict[MessageKind, Delivery]]:
    known: dict[str, Any] = session.info.setdefault(_KEY, {})
    return known
