"""Visits: each upcoming one is reminded of on the day before, whatever order its events come in.

What is over is silent, wherever it comes from; an imported visit that is still to come is reminded of like any other.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from chassis.working import wake
from contracts.billing import VisitChanged
from services.notify.domain.facts.visits import VisitFacts
from services.notify.models import VisitReminder
from services.notify.operations.reminding import Present, Reminding, take_back, tell, told_when

WORK = "visit_reminders"
"""What a commit with changed visits wakes, and one that moves the business's clock."""

MOST_AT_ONCE = 100

Instant = InstrumentedAttribute[datetime | None]
"""A mapped column of instants."""

_IN_HAND = "notify.visit_reminders"


def preload(session: Session, events: Sequence[VisitChanged]) -> None:
    """Lock the rows of a batch's visits, made where there were none, with two statements."""
    in_hand = session.info.setdefault(_IN_HAND, {})
    first = {event.visit_id: event for event in events if event.visit_id not in in_hand}
    if not first:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(VisitReminder).on_conflict_do_nothing(),
        [
            {
                "visit_id": visit_id,
                "customer_id": first[visit_id].customer_id,
                "version": 0,
                "state": "scheduled",
                "visit": "",
            }
            for visit_id in sorted(first)
        ],
    )
    rows = select(VisitReminder).where(VisitReminder.visit_id.in_(first)).order_by(VisitReminder.visit_id)
    for row in session.scalars(rows.with_for_update()):
        in_hand[row.visit_id] = row


def visit_changed(session: Session, event: VisitChanged, terms: Reminding, present: Present) -> None:
    """Take the newest state of a visit: plan its reminder, and tell who was told otherwise."""
    preload(session, (event,))
    row: VisitReminder = session.info[_IN_HAND][event.visit_id]
    if event.version <= row.version:
        return
    facts = VisitFacts.of(event)
    row.version, row.state = event.version, event.state
    row.visit = msgspec.json.encode(facts).decode()
    _tell_anew(session, row, facts, terms, present)
    row.due_at = _due_at(row, facts, terms, present.business_now)
    wake(session, WORK)


def remind_some(session: Session, terms: Reminding, present: Present) -> bool:
    """Remind of what is due, and withdraw what came too late; False when there was nothing to do."""
    due = _rows(session, VisitReminder.due_at, present.business_now)
    for row in due:
        row.due_at = None
        facts = msgspec.json.decode(row.visit, type=VisitFacts)
        # A clock that was moved on over days, or a service that was away: nobody is reminded of what is over.
        if not terms.rules.is_over(facts.when.scheduled_on, at=present.business_now):
            tell(session, row, facts, terms, present)
    lapsed = _rows(session, VisitReminder.lapses_at, present.business_now)
    for row in lapsed:
        take_back(session, row)
    return bool(due or lapsed)


def _tell_anew(session: Session, row: VisitReminder, facts: VisitFacts, terms: Reminding, present: Present) -> None:
    """The customer was told otherwise: take that back, or where it may have arrived say what is true now."""
    told = told_when(row)
    if told is None or (row.state == "scheduled" and told == facts.when):
        return
    reached = take_back(session, row)
    row.told = row.told_at = row.told_as = None
    if not reached or row.state == "completed" or terms.rules.is_past(told.scheduled_on, at=present.business_now):
        return
    if row.state == "cancelled":
        tell(session, row, msgspec.structs.replace(facts, news="cancelled", when=told), terms, present)
        row.told = None
    elif not terms.rules.is_past(facts.when.scheduled_on, at=present.business_now):
        tell(session, row, msgspec.structs.replace(facts, news="moved", former=told), terms, present)


def _due_at(row: VisitReminder, facts: VisitFacts, terms: Reminding, business_now: datetime) -> datetime | None:
    visited_on = facts.when.scheduled_on
    if row.state != "scheduled" or terms.rules.is_over(visited_on, at=business_now):
        return None
    due_at = terms.rules.due_at(visited_on)
    if row.told_at is not None and row.told_at >= due_at:
        # Told the right thing within the last day already.
        return None
    return due_at


def _rows(session: Session, column: Instant, business_now: datetime) -> list[VisitReminder]:
    """The rows whose instant in `column` has come, each for one worker only."""
    query = select(VisitReminder).where(column <= business_now).order_by(column).limit(MOST_AT_ONCE)
    return list(session.scalars(query.with_for_update(skip_locked=True)))
