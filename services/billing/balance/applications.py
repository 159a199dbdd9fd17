"""Where the money of payments and credits went, as of a day: followed through the credits that were left over."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.balance import Application, AppliedPart
from services.billing.balance.domain.ledger import LedgerAccount, TransactionKind
from services.billing.balance.models import PostingRow, TransactionRow

BRINGS_MONEY = frozenset({TransactionKind.PAYMENT.value, TransactionKind.CREDIT.value, TransactionKind.VOID.value})
"""Rows of the account history whose money goes somewhere: a void gives back what had been put on its invoice."""

PUTS_MONEY = (TransactionKind.ALLOCATION.value, TransactionKind.CREDIT_APPLIED.value)
CHUNK = 1000
INVOICE_ID: Any = PostingRow.invoice_id
"""Of a receivable, where it is never null."""


def applications(session: Session, rows: Iterable[TransactionRow], *, ends_on: date) -> list[Application]:
    """Where the money of these rows of one account is at the end of the day; rows that bring none are left out.

    The rest of a payment is a credit of billing's, with an id of its own: what that was put on counts as the payment's.
    """
    bringing = [row for row in rows if row.kind in BRINGS_MONEY]
    found: list[Application] = []
    for start in range(0, len(bringing), CHUNK):
        found += _of(session, bringing[start : start + CHUNK], ends_on)
    return found


def invoice_numbers(session: Session, invoice_ids: Collection[str]) -> dict[str, str]:
    """The numbers of those invoices whose events have come."""
    rows = session.execute(
        select(TransactionRow.source_id, TransactionRow.reference).where(
            TransactionRow.source_id.in_(invoice_ids), TransactionRow.kind == TransactionKind.INVOICE.value
        )
    ).all()
    return {source_id: reference for source_id, reference in rows}  # noqa: C416 - rows are no tuples to mypy


def origins(session: Session, references: Collection[str]) -> dict[str, str]:
    """By the id of a credit that was kept: the payment or voided invoice among `references` that it came from."""
    rows = session.execute(
        select(TransactionRow.source_id, TransactionRow.reference).where(
            TransactionRow.kind == TransactionKind.CREDIT_KEPT.value, TransactionRow.reference.in_(references)
        )
    ).all()
    return {source_id: reference for source_id, reference in rows}  # noqa: C416 - rows are no tuples to mypy


def _of(session: Session, rows: Sequence[TransactionRow], ends_on: date) -> list[Application]:
    own = {row.source_id: row.source_id for row in rows}
    parts = _parts(session, own | origins(session, own), ends_on)
    given_back = _given_back(session, [row for row in rows if row.kind == TransactionKind.VOID.value], ends_on)
    found = []
    for row in rows:
        brought_minor = given_back[row.source_id] if row.kind == TransactionKind.VOID.value else -row.amount_minor
        if brought_minor:
            mine = parts[row.source_id]
            left_minor = brought_minor - sum(part.amount_minor for part in mine)
            found.append(Application(event_id=row.event_id, parts=mine, left_minor=left_minor))
    return found


def _parts(session: Session, origin_of: dict[str, str], ends_on: date) -> dict[str, list[AppliedPart]]:
    """By origin, what was put on which invoice, in the order in which it happened."""
    put = session.execute(
        select(TransactionRow.source_id, INVOICE_ID, PostingRow.allocation_id, -PostingRow.amount_minor)
        .join(PostingRow, PostingRow.event_id == TransactionRow.event_id)
        .where(
            TransactionRow.source_id.in_(origin_of),
            TransactionRow.kind.in_(PUTS_MONEY),
            PostingRow.account == LedgerAccount.RECEIVABLE.value,
            PostingRow.effective_on <= ends_on,
        )
        .order_by(PostingRow.effective_on, TransactionRow.event_id, PostingRow.position)
    ).all()
    numbers = invoice_numbers(session, {invoice_id for _, invoice_id, _, _ in put})
    returned = _returned(session, [allocation_id for _, _, allocation_id, _ in put if allocation_id], ends_on)
    parts = defaultdict(list)
    for source_id, invoice_id, allocation_id, amount_minor in put:
        part = AppliedPart(
            invoice_id=invoice_id,
            invoice_number=numbers.get(invoice_id, ""),
            amount_minor=amount_minor,
            returned=allocation_id in returned,
        )
        parts[origin_of[source_id]].append(part)
    return parts


def _returned(session: Session, allocation_ids: Collection[str], ends_on: date) -> set[str]:
    return set(
        session.scalars(
            select(PostingRow.allocation_id).where(
                PostingRow.allocation_id.in_(allocation_ids),
                PostingRow.amount_minor > 0,
                PostingRow.effective_on <= ends_on,
            )
        )
    )


def _given_back(session: Session, voids: Sequence[TransactionRow], ends_on: date) -> dict[str, int]:
    """By voided invoice, what had been put on it and was taken off again."""
    sums: defaultdict[str, int] = defaultdict(int)
    if voids:
        rows = session.execute(
            select(INVOICE_ID, func.sum(PostingRow.amount_minor))
            .join(TransactionRow, TransactionRow.event_id == PostingRow.event_id)
            .where(
                PostingRow.customer_id == voids[0].customer_id,
                PostingRow.effective_on <= ends_on,
                PostingRow.invoice_id.in_([row.source_id for row in voids]),
                PostingRow.account == LedgerAccount.RECEIVABLE.value,
                TransactionRow.kind == TransactionKind.REVERSAL.value,
            )
            .group_by(PostingRow.invoice_id)
        )
        sums.update({invoice_id: int(amount) for invoice_id, amount in rows})
    return sums
