"""Posting events to the ledger, and keeping its projections."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Table
from sqlalchemy.orm import Session

from chassis.clock import system_clock
from contracts.wire import Envelope, Event
from services.billing.balance.bulk import add_up, insert_new, insert_rows
from services.billing.balance.domain.ledger import LedgerAccount, Transaction, TransactionKind
from services.billing.balance.domain.posting_rules import transaction_for
from services.billing.balance.models import AccountMonthRow, AccountRow, OpenItemRow, PostingRow, TransactionRow

DESCRIPTION_LENGTH = 500


def post(session: Session, facts: Sequence[tuple[Event, Envelope]]) -> int:
    """Post each event's transaction once, in any order, and bring the projections along.

    Returns how many transactions were new. Everything is written with a handful of statements, whatever the
    number of events: the ledger has to keep up with a batch of invoices.
    """
    made = (transaction_for(event, envelope) for event, envelope in facts)
    # Keyed, because a duplicate can sit in one batch.
    transactions = {transaction.event_id: transaction for transaction in made if transaction is not None}
    new = _insert_transactions(session, list(transactions.values()))
    changes = Changes()
    for transaction in new:
        changes.add(transaction)
    rows = [row for transaction in new for row in posting_rows(transaction)]
    insert_rows(session, PostingRow.__table__, rows)  # type: ignore[arg-type]
    _apply(session, changes)
    return len(new)


@dataclass
class Changes:
    """What a set of transactions changes in the projections, added up per row."""

    accounts: dict[str, list[int]] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)
    open_items: dict[str, list[int]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    due_dates: dict[str, date] = field(default_factory=dict)
    months: dict[tuple[str, date], list[int]] = field(default_factory=dict)

    def add(self, transaction: Transaction) -> None:
        """Add one transaction's effect."""
        if not transaction.postings:
            return
        customer_id = transaction.customer_id
        self.currencies[customer_id] = transaction.currency
        account = self.accounts.setdefault(customer_id, [0, 0])
        account[0] += transaction.receivable_minor
        account[1] += transaction.credit_minor
        for posting in transaction.postings:
            if posting.account == LedgerAccount.RECEIVABLE and posting.invoice_id is not None:
                self.open_items.setdefault(posting.invoice_id, [0])[0] += posting.amount_minor
                self.owners[posting.invoice_id] = customer_id
                if transaction.due_on is not None:
                    self.due_dates[posting.invoice_id] = transaction.due_on
        if (amount_minor := transaction.amount_minor) != 0:
            month = self.months.setdefault((customer_id, transaction.effective_on.replace(day=1)), [0, 0, 0, 0])
            month[0 if amount_minor > 0 else 1] += abs(amount_minor)
            if transaction.kind == TransactionKind.VOID:
                month[2] -= amount_minor
            if transaction.kind == TransactionKind.CREDIT:
                month[3] -= amount_minor


def posting_rows(transaction: Transaction) -> Iterable[dict[str, object]]:
    """The rows of `ledger_postings` for one transaction."""
    for position, posting in enumerate(transaction.postings):
        yield {
            "event_id": transaction.event_id,
            "position": position,
            "customer_id": transaction.customer_id,
            "account": posting.account.value,
            "invoice_id": posting.invoice_id,
            "amount_minor": posting.amount_minor,
            "effective_on": posting.effective_on,
            "allocation_id": posting.allocation_id,
        }


def _insert_transactions(session: Session, transactions: Sequence[Transaction]) -> list[Transaction]:
    if not transactions:
        return []
    recorded_at = system_clock.now()
    rows = [
        {
            "event_id": transaction.event_id,
            "kind": transaction.kind.value,
            "source_id": transaction.source_id,
            "customer_id": transaction.customer_id,
            "currency": transaction.currency,
            "reference": transaction.reference,
            "description": transaction.description[:DESCRIPTION_LENGTH],
            "amount_minor": transaction.amount_minor,
            "effective_on": transaction.effective_on,
            "due_on": transaction.due_on,
            "occurred_at": transaction.occurred_at,
            "recorded_at": recorded_at,
        }
        for transaction in transactions
    ]
    table: Table = TransactionRow.__table__  # type: ignore[assignment]
    inserted = insert_new(session, table, rows)
    return [transaction for transaction in transactions if transaction.event_id in inserted]


def _apply(session: Session, changes: Changes) -> None:
    # Rows are sorted so that two copies of the service take their locks in the same order.
    if changes.accounts:
        add_up(
            session,
            AccountRow.__table__,  # type: ignore[arg-type]
            [
                {
                    "customer_id": customer_id,
                    "currency": changes.currencies[customer_id],
                    "receivable_minor": receivable_minor,
                    "credit_minor": credit_minor,
                }
                for customer_id, (receivable_minor, credit_minor) in sorted(changes.accounts.items())
            ],
            adding=("receivable_minor", "credit_minor"),
        )
    if changes.months:
        add_up(
            session,
            AccountMonthRow.__table__,  # type: ignore[arg-type]
            [
                {
                    "customer_id": customer_id,
                    "month": month,
                    "charged_minor": charged_minor,
                    "paid_minor": paid_minor,
                    "voided_minor": voided_minor,
                    "credited_minor": credited_minor,
                }
                for (customer_id, month), (charged_minor, paid_minor, voided_minor, credited_minor) in sorted(
                    changes.months.items()
                )
            ],
            adding=("charged_minor", "paid_minor", "voided_minor", "credited_minor"),
        )
    if changes.open_items:
        add_up(
            session,
            OpenItemRow.__table__,  # type: ignore[arg-type]
            [
                {
                    "invoice_id": invoice_id,
                    "customer_id": changes.owners[invoice_id],
                    "due_on": changes.due_dates.get(invoice_id),
                    "open_minor": open_minor,
                }
                for invoice_id, (open_minor,) in sorted(changes.open_items.items())
            ],
            adding=("open_minor",),
            learning=("due_on",),
        )
