"""Proving the ledger: what the owners' archives lead to, against what is stored; and making it that again.

The ledger is read in stretches of event ids, each before the archives of the same stretch: an event is in its owner's
archive before it can be posted, so that a transaction without an event is one, however busy the services are.
"""

import time
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from chassis.clock import system_clock
from chassis.database import Database
from contracts.balance import LedgerCheck
from contracts.wire import Envelope, Event
from services.billing.balance import agreement, operations, projections
from services.billing.balance.booked import Booked, as_booked, booked_after
from services.billing.balance.domain.ledger import Transaction
from services.billing.balance.domain.posting_rules import transaction_for
from services.billing.balance.findings import Findings
from services.billing.balance.models import AccountRow, PostingRow, TransactionRow
from services.billing.balance.owners import Facts, Owners

STRETCH = 400
"""Transactions read at a time: fewer than an archive's page, some events of which post nothing."""

PATIENCE_S = 3.0
PAUSE_S = 0.2
MOST_AWAITED = 1000
"""So many events may be on their way to the ledger; with more missing than that, something is wrong."""


def check(database: Database, owners: Owners, *, patience_s: float = PATIENCE_S) -> LedgerCheck:
    """Compare everything without changing anything; safe beside running services.

    An event that was recorded after the check began may still be on its way and is no difference.
    """
    findings = Findings()
    comparison = _Comparison(findings)
    for stored, archive in _stretches(database, owners):
        comparison.note_stored(stored)
        for facts in archive:
            comparison.compare(stored, facts)
        comparison.note_left_over(stored)
    for message in _never_came(database, comparison.awaited, patience_s):
        findings.add("event_not_posted", message)
    with database.transaction() as session:
        projections.allow_long_statements(session)
        if not database.is_sqlite:
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        accounts = session.scalar(select(func.count()).select_from(AccountRow)) or 0
        for difference in projections.differences(session):
            findings.add("projection", difference)
    agreement.compare(database, owners, findings, pause_s=patience_s / agreement.LOOKS)
    return LedgerCheck(
        events=comparison.events,
        postings=comparison.postings,
        accounts=accounts,
        differences=findings.differences,
        unlisted=findings.unlisted,
    )


def rebuild(database: Database, owners: Owners, *, currency: str) -> LedgerCheck:
    """Post again from the archives what is missing or wrong, take out what no event posts, then make the
    projections from the postings.

    Safe beside running listeners: a transaction is keyed by its event, and the projections are made under a
    lock. Events of another `currency` are not posted. Answers what a check then finds.
    """
    for stored, archive in _stretches(database, owners):
        for facts in archive:
            wrong = [
                (event, envelope)
                for (event, envelope), transaction in _posted(facts)
                if stored.pop(transaction.event_id, None) != as_booked(transaction) and transaction.currency == currency
            ]
            if wrong:
                with database.transaction() as session:
                    _take_out(session, [envelope.event_id for _, envelope in wrong])
                    operations.post(session, wrong)
        if stored:
            with database.transaction() as session:
                _take_out(session, stored)
    with database.transaction() as session:
        projections.allow_long_statements(session)
        projections.rebuild(session)
    return check(database, owners)


class _Comparison:
    """What a walk through ledger and archives has come to."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._began_at = system_clock.now()
        self.events = 0
        self.postings = 0
        self.awaited: dict[str, str] = {}

    def note_stored(self, stored: Mapping[str, Booked]) -> None:
        """Look at the transactions of one stretch by themselves."""
        for event_id, booked in stored.items():
            self.postings += len(booked.postings)
            if booked.sum_minor:
                message = f"{booked.named(event_id)}: its postings add up to {booked.sum_minor}, not 0"
                self._findings.add("unbalanced", message)

    def compare(self, stored: dict[str, Booked], facts: Facts) -> None:
        """Compare archived events of the stretch with what is stored; what has found its event is taken out of it."""
        self.events += len(facts)
        for _, transaction in _posted(facts):
            expected = as_booked(transaction)
            found = stored.pop(transaction.event_id, None)
            if found is None:
                self._miss(transaction, expected)
            elif found != expected:
                message = f"{found.named(transaction.event_id)}: {found.differs_from(expected)}"
                self._findings.add("transaction", message)

    def note_left_over(self, stored: Mapping[str, Booked]) -> None:
        """The transactions of the stretch for which no event was found."""
        for event_id, booked in stored.items():
            message = f"{booked.named(event_id)}: it is in the ledger, no archived event posts it"
            self._findings.add("transaction_without_event", message)

    def _miss(self, transaction: Transaction, expected: Booked) -> None:
        if transaction.occurred_at >= self._began_at:
            return
        message = f"{expected.named(transaction.event_id)}: it is in the archive, the ledger lacks it"
        if len(self.awaited) < MOST_AWAITED:
            self.awaited[transaction.event_id] = message
        else:
            self._findings.add("event_not_posted", message)


def _stretches(database: Database, owners: Owners) -> Iterator[tuple[dict[str, Booked], Iterator[Facts]]]:
    """The ledger from its beginning to its end, each stretch with what the archives hold of the same ids."""
    after = ""
    while True:
        with database.read() as session:
            stored = booked_after(session, after, limit=STRETCH)
        up_to = next(reversed(stored)) if len(stored) == STRETCH else None
        yield stored, owners.archive(after=after, up_to=up_to)
        if up_to is None:
            return
        after = up_to


def _never_came(database: Database, awaited: dict[str, str], patience_s: float) -> Iterable[str]:
    give_up_at = time.monotonic() + patience_s
    while awaited:
        with database.read() as session:
            posted = session.scalars(select(TransactionRow.event_id).where(TransactionRow.event_id.in_(awaited)))
            for event_id in posted.all():
                del awaited[event_id]
        if time.monotonic() >= give_up_at:
            break
        time.sleep(PAUSE_S)
    return awaited.values()


def _posted(facts: Facts) -> Iterator[tuple[tuple[Event, Envelope], Transaction]]:
    for event, envelope in facts:
        transaction = transaction_for(event, envelope)
        if transaction is not None:
            yield (event, envelope), transaction


def _take_out(session: Session, event_ids: Iterable[str]) -> None:
    """Remove transactions that are not what their event says. Only a rebuild may: the ledger is append-only."""
    ids = list(event_ids)
    session.execute(delete(PostingRow).where(PostingRow.event_id.in_(ids)))
    session.execute(delete(TransactionRow).where(TransactionRow.event_id.in_(ids)))
