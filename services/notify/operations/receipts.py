"""Receipts: made of two facts that come in any order, the money received and what it was put on."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from contracts.billing import PaymentAllocated
from contracts.payments import PaymentSucceeded
from services.notify.domain.facts.receipts import AllocationFacts, PaymentFacts, ReceiptFacts
from services.notify.models import ReceiptParts
from services.notify.operations import known_rows, queueing

_HEARD = "notify.payments_heard_of"
"""The payments of which the batch in hand brings a fact."""


def preload(session: Session, events: Sequence[PaymentSucceeded | PaymentAllocated]) -> None:
    """Take what a batch of either fact needs in hand. Where the other fact is not here yet, that is little."""
    told = [event for event in events if event.origin != "import"]
    known_rows.load(session, ReceiptParts.payment_id, [event.payment_id for event in told])
    heard: set[str] = session.info.setdefault(_HEARD, set())
    complete = [event for event in told if event.payment_id in heard or _is_begun(session, event.payment_id)]
    heard.update(event.payment_id for event in told)
    queueing.preload(
        session,
        source_ids=[event.payment_id for event in complete],
        customer_ids={event.customer_id for event in complete},
    )


def payment_succeeded(session: Session, event: PaymentSucceeded, *, now: datetime) -> None:
    """The first half. Nothing for history brought along."""
    if event.origin == "import":
        return
    parts = _parts_of(session, event.payment_id)
    if not parts.is_complete:
        parts.payment = msgspec.json.encode(PaymentFacts.of(event)).decode()
        _complete(session, parts, event.customer_id, now=now)


def payment_allocated(session: Session, event: PaymentAllocated, *, now: datetime) -> None:
    """The second half. Nothing for history brought along."""
    if event.origin == "import":
        return
    parts = _parts_of(session, event.payment_id)
    if not parts.is_complete:
        facts = AllocationFacts(allocations=event.allocations, credit_minor=event.credit_minor)
        parts.allocation = msgspec.json.encode(facts).decode()
        _complete(session, parts, event.customer_id, now=now)


def _is_begun(session: Session, payment_id: str) -> bool:
    return known_rows.get(session, ReceiptParts.payment_id, payment_id) is not None


def _parts_of(session: Session, payment_id: str) -> ReceiptParts:
    parts: ReceiptParts | None = known_rows.get(session, ReceiptParts.payment_id, payment_id)
    if parts is None:
        parts = ReceiptParts(payment_id=payment_id, is_complete=False)
        known_rows.add(session, ReceiptParts.payment_id, parts)
    return parts


def _complete(session: Session, parts: ReceiptParts, customer_id: str, *, now: datetime) -> None:
    if parts.payment is None or parts.allocation is None:
        return
    facts = ReceiptFacts(
        payment_id=parts.payment_id,
        payment=msgspec.json.decode(parts.payment, type=PaymentFacts),
        allocation=msgspec.json.decode(parts.allocation, type=AllocationFacts),
    )
    queueing.add_delivery(
        session, kind="receipt", source_id=parts.payment_id, customer_id=customer_id, facts=facts, now=now
    )
    parts.payment, parts.allocation, parts.is_complete = None, None, True
