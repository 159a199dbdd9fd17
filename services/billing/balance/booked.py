"""A transaction as the ledger holds it, and as its event says that it should: to compare the two, and to name it."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.billing.balance.domain.ledger import Transaction
from services.billing.balance.models import PostingRow, TransactionRow


class BookedPosting(NamedTuple):
    """One side of an entry; the amount in minor units, debit positive."""

    position: int
    customer_id: str
    account: str
    invoice_id: str | None
    amount_minor: int
    effective_on: date
    allocation_id: str | None


class Booked(NamedTuple):
    """A transaction with its postings, everything that figures and the account history are made of."""

    kind: str
    source_id: str
    customer_id: str
    currency: str
    reference: str
    amount_minor: int
    effective_on: date
    due_on: date | None
    postings: tuple[BookedPosting, ...]

    @property
    def sum_minor(self) -> int:
        """Zero, unless somebody has tampered with it."""
        return sum(posting.amount_minor for posting in self.postings)

    def named(self, event_id: str) -> str:
        """The transaction in a line for people: whose it is, what from, and how much it moves."""
        moved_minor = sum(posting.amount_minor for posting in self.postings if posting.amount_minor > 0)
        return f"event {event_id} ({self.kind} {self.source_id} of customer {self.customer_id}, amount {moved_minor})"

    def differs_from(self, expected: "Booked") -> str:
        """What is otherwise than in `expected`, in a line for people; empty if nothing is."""
        fields = (
            f"{name} is {found}, the event says {wanted}"
            for name, found, wanted in zip(self._fields, self, expected, strict=True)
            if name != "postings" and found != wanted
        )
        return "; ".join([*fields, *self._other_postings(expected)])

    def _other_postings(self, expected: "Booked") -> list[str]:
        here = {posting.position: posting for posting in self.postings}
        wanted = {posting.position: posting for posting in expected.postings}
        return [
            f"posting {position} is {_shown(here.get(position))}, the event says {_shown(wanted.get(position))}"
            for position in sorted(here | wanted)
            if here.get(position) != wanted.get(position)
        ]


def as_booked(transaction: Transaction) -> Booked:
    """What the ledger holds of this transaction once it is posted."""
    return Booked(
        transaction.kind.value,
        transaction.source_id,
        transaction.customer_id,
        transaction.currency,
        transaction.reference,
        transaction.amount_minor,
        transaction.effective_on,
        transaction.due_on,
        tuple(
            BookedPosting(
                position,
                transaction.customer_id,
                posting.account.value,
                posting.invoice_id,
                posting.amount_minor,
                posting.effective_on,
                posting.allocation_id,
            )
            for position, posting in enumerate(transaction.postings)
        ),
    )


def booked_after(session: Session, event_id: str, *, limit: int) -> dict[str, Booked]:
    """The next transactions after an event's id, by event id in its order, each with its postings."""
    rows = session.execute(
        select(
            TransactionRow.event_id,
            TransactionRow.kind,
            TransactionRow.source_id,
            TransactionRow.customer_id,
            TransactionRow.currency,
            TransactionRow.reference,
            TransactionRow.amount_minor,
            TransactionRow.effective_on,
            TransactionRow.due_on,
        )
        .where(TransactionRow.event_id > event_id)
        .order_by(TransactionRow.event_id)
        .limit(limit)
    ).all()
    if not rows:
        return {}
    # A stretch of ids rather than a list of them: the statement stays short, whatever the limit.
    postings = session.execute(
        select(
            PostingRow.event_id,
            PostingRow.position,
            PostingRow.customer_id,
            PostingRow.account,
            PostingRow.invoice_id,
            PostingRow.amount_minor,
            PostingRow.effective_on,
            PostingRow.allocation_id,
        )
        .where(PostingRow.event_id > event_id, PostingRow.event_id <= rows[-1].event_id)
        .order_by(PostingRow.event_id, PostingRow.position)
    )
    of_event = defaultdict(list)
    for posting in postings:
        of_event[posting[0]].append(BookedPosting(*posting[1:]))
    return {row[0]: Booked(*row[1:], tuple(of_event[row[0]])) for row in rows}


def _shown(posting: BookedPosting | None) -> str:
    if posting is None:
        return "not there"
    invoice = f" of invoice {posting.invoice_id}" if posting.invoice_id else ""
    where = f"{posting.account}{invoice} of customer {posting.customer_id}"
    allocation = f" for allocation {posting.allocation_id}" if posting.allocation_id else ""
    return f"{posting.amount_minor:+} on {where} at {posting.effective_on}{allocation}"
