"""Statement ready: told on the first of a month to customers who had an invoice or made a payment in the one before.

notify triggers it by the business's clock from what it has heard: nobody else writes to customers, and there is nothing
to ask balance for. It can be switched off like an invoice's e-mail; history that was brought along counts for nothing.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, exists, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.deferred import collect
from contracts.imports import Origin
from services.notify.domain import months
from services.notify.domain.facts.statements import StatementFacts
from services.notify.models import ActiveMonth
from services.notify.operations import queueing

WORK = "statements"

MOST_AT_ONCE = 200


def note_activity(session: Session, customer_id: str, on: date, origin: Origin) -> None:
    """A customer's account has something on this day."""
    if origin != "import":
        collect(session, _write, (customer_id, months.month_of(on)))


def is_any_due(session: Session, now: datetime) -> bool:
    """Whether there is a month to tell at this moment of the business's wall clock."""
    if not months.may_be_told(now):
        return False
    return bool(session.scalar(select(exists().where(ActiveMonth.month < months.month_of(now.date())))))


def tell_some(session: Session, now: datetime, *, at: datetime) -> bool:
    """Queue the e-mails about last month, at most 200 of them; False when there was none.

    `now` is the business's wall clock and `at` the system's. A month that ended longer ago is told no more: the news
    would be old.
    """
    if not months.may_be_told(now):
        return False
    due = session.scalars(
        select(ActiveMonth)
        .where(ActiveMonth.month < months.month_of(now.date()))
        .order_by(ActiveMonth.month, ActiveMonth.customer_id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    starts_on, ends_on = months.last_before(now.date())
    told = [row.customer_id for row in due if row.month == months.month_of(starts_on)]
    source_ids = {customer_id: f"{customer_id}:{months.month_of(starts_on)}" for customer_id in told}
    queueing.preload(session, source_ids=source_ids.values(), customer_ids=told)
    for customer_id, source_id in source_ids.items():
        queueing.add_delivery(
            session,
            kind="statement_ready",
            source_id=source_id,
            customer_id=customer_id,
            facts=StatementFacts(starts_on=starts_on, ends_on=ends_on),
            now=at,
        )
    keys = [(row.customer_id, row.month) for row in due]
    if keys:
        session.execute(
            delete(ActiveMonth)
            .where(tuple_(ActiveMonth.customer_id, ActiveMonth.month).in_(keys))
            .execution_options(synchronize_session=False)
        )
    return bool(keys)


def _write(session: Session, noted: Sequence[Any]) -> None:
    insert: Any = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}[session.get_bind().dialect.name]
    # Sorted: two batches at once never wait for each other.
    rows = [{"customer_id": customer_id, "month": month} for customer_id, month in sorted(set(noted))]
    session.execute(insert(ActiveMonth).values(rows).on_conflict_do_nothing())
