"""Customers are told of a visit: by the ways that they chose, once; and what is not out yet can be taken back."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify.domain.facts.visits import VisitFacts, When
from services.notify.domain.formats import Formats
from services.notify.domain.reminder_rules import ReminderRules
from services.notify.domain.visit_words import text_words
from services.notify.models import TextMessage, VisitReminder
from services.notify.operations import choosing, known_deliveries, queueing, texts


@dataclass(frozen=True, kw_only=True)
class Reminding:
    """What reminding is told by the settings."""

    rules: ReminderRules
    formats: Formats
    business: str
    texts_offered: bool


@dataclass(frozen=True, kw_only=True)
class Present:
    """The system's instant, by which messages go out, and the business's, by which visits are due."""

    now: datetime
    business_now: datetime


def tell(session: Session, row: VisitReminder, facts: VisitFacts, terms: Reminding, present: Present) -> None:
    """Queue the messages, each once for this version of the visit, and write down what was told."""
    source_id = f"{row.visit_id}:{row.version}:{facts.news}"
    lapses_at = (
        terms.rules.lapses_at(facts.when.scheduled_on, facts.when.arrives_from)
        if facts.news == "reminder"
        else terms.rules.ends_at(facts.when.scheduled_on)
    )
    ways = choosing.reminder_ways(session, row.customer_id, texts_offered=terms.texts_offered)
    if ways.email:
        queueing.add_delivery(
            session,
            kind="visit_reminder",
            source_id=source_id,
            customer_id=row.customer_id,
            facts=facts,
            now=present.now,
        )
    if ways.text:
        texts.add_text(
            session,
            kind="visit_reminder",
            source_id=source_id,
            customer_id=row.customer_id,
            body=text_words(facts, terms.business, terms.formats),
            now=present.now,
            expires_at=lapses_at,
        )
    row.told = msgspec.json.encode(facts.when).decode()
    row.told_at, row.told_as, row.lapses_at = present.business_now, source_id, lapses_at


def told_when(row: VisitReminder) -> When | None:
    """What the customer was told last."""
    return msgspec.json.decode(row.told, type=When) if row.told is not None else None


def take_back(session: Session, row: VisitReminder) -> bool:
    """Withdraw what is not out yet; whether anything may have reached the customer."""
    if row.told_as is None:
        return False
    delivery = known_deliveries.get(session, row.told_as, "visit_reminder")
    reached = delivery is not None and (delivery.state == "delivered" or delivery.claim is not None)
    if delivery is not None:
        queueing.withdraw(delivery)
    text = session.scalar(
        select(TextMessage).where(TextMessage.source_id == row.told_as, TextMessage.kind == "visit_reminder")
    )
    if text is not None:
        reached = reached or text.state in ("sent", "delivered") or text.submitted_at is not None
        texts.withdraw(session, kind="visit_reminder", source_id=row.told_as)
    row.lapses_at = None
    return reached
