"""Proving the ledger: what the owners' archives of published events lead to, against what is stored.

The archives are read in chunks outside any transaction; each chunk is compared, and put right on a rebuild, in one
of its own. The projections are then compared with sums over the postings.
"""

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from chassis.database import Database
from contracts.balance import LedgerCheck, LedgerDifference
from contracts.wire import Envelope, Event
from services.billing.balance import operations, projections
from services.billing.balance.domain.ledger import Transaction
from services.billing.balance.domain.posting_rules import transaction_for
from services.billing.balance.models import AccountRow, PostingRow, TransactionRow

Facts = Sequence[tuple[Event, Envelope]]

Archives = Callable[[], Iterator[Facts]]
"""Reads every owner's archive from its beginning, in chunks of decoded events."""


def check(database: Database, archives: Archives) -> LedgerCheck:
    """Compare without changing anything. `difference` names the first place that is wrong.

    An event that was published but not handled yet is not a difference: balance is still on its way to it.
    """
    events = postings = 0
    for facts in archives():
        events += len(facts)
        with database.read() as session:
            stored = _stored(session, facts)
        for transaction in _transactions(facts):
            if transaction.event_id in stored:
                postings += len(transaction.postings)
                if difference := _difference(transaction, stored[transaction.event_id]):
                    return LedgerCheck(events=events, postings=postings, accounts=0, difference=difference)
    with database.transaction() as session:
        if not database.is_sqlite:
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        accounts = session.query(AccountRow).count()
        difference = projections.first_difference(session)
    return LedgerCheck(events=events, postings=postings, accounts=accounts, difference=difference)


def rebuild(database: Database, archives: Archives) -> LedgerCheck:
    """Post again from the archives what is missing or wrong, then make the projections from the postings.

    Safe beside running listeners: a transaction is keyed by its event, and the projections are made under a
    lock. Answers what a check then finds.
    """
    for facts in archives():
        with database.transaction() as session:
            stored = _stored(session, facts)
            wrong = {
                transaction.event_id
                for transaction in _transactions(facts)
                if transaction.event_id not in stored or _difference(transaction, stored[transaction.event_id])
            }
            _take_out(session, wrong)
            operations.post(session, [fact for fact in facts if fact[1].event_id in wrong])
    with database.transaction() as session:
        projections.rebuild(session)
    return check(database, archives)


PostingKey = tuple[int, str, str | None, int, str]
StoredTransaction = tuple[str, str, int, tuple[PostingKey, ...]]


def _stored(session: Session, facts: Facts) -> dict[str, StoredTransaction]:
    """What the ledger holds for these events, in a form that `_as_stored` gives for a transaction too."""
    event_ids = [envelope.event_id for _, envelope in facts]
    postings: dict[str, list[PostingKey]] = {}
    for row in session.scalars(select(PostingRow).where(PostingRow.event_id.in_(event_ids))):
        key = (row.position, row.account, row.invoice_id, row.amount_minor, row.effective_on.isoformat())
        postings.setdefault(row.event_id, []).append(key)
    return {
        row.event_id: (row.customer_id, row.kind, row.amount_minor, tuple(sorted(postings.get(row.event_id, ()))))
        for row in session.scalars(select(TransactionRow).where(TransactionRow.event_id.in_(event_ids)))
    }


def _as_stored(transaction: Transaction) -> StoredTransaction:
    postings = (
        (place, posting.account.value, posting.invoice_id, posting.amount_minor, posting.effective_on.isoformat())
        for place, posting in enumerate(transaction.postings)
    )
    return (transaction.customer_id, transaction.kind.value, transaction.amount_minor, tuple(postings))


def _difference(transaction: Transaction, stored: StoredTransaction) -> LedgerDifference | None:
    expected = _as_stored(transaction)
    if expected == stored:
        return None
    where = f"event {transaction.event_id} ({transaction.kind.value} {transaction.source_id})"
    return LedgerDifference(what="ledger_postings", where=where, expected=str(expected), found=str(stored))


def _transactions(facts: Facts) -> Iterator[Transaction]:
    for event, envelope in facts:
        transaction = transaction_for(event, envelope)
        if transaction is not None:
            yield transaction


def _take_out(session: Session, event_ids: set[str]) -> None:
    """Remove transactions that are not what their event says. Only a rebuild may: the ledger is append-only."""
    if event_ids:
        session.execute(delete(PostingRow).where(PostingRow.event_id.in_(event_ids)))
        session.execute(delete(TransactionRow).where(TransactionRow.event_id.in_(event_ids)))
