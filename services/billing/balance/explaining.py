"""The rows behind a figure: open invoices, money that is on none, and what a month brought."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.balance import MOST_FIGURE_ROWS, ExplainFigure, FigureRow, FigureView
from contracts.codes import INVALID
from contracts.wire import Refused
from services.billing.balance.applications import BRINGS_MONEY, INVOICE_ID
from services.billing.balance.domain.ledger import LedgerAccount, TransactionKind
from services.billing.balance.models import AccountRow, OpenItemRow, PostingRow, TransactionRow
from services.billing.balance.queries import HISTORY_ORDER, month_after

OF_A_MONTH = {
    "charged": (TransactionKind.INVOICE.value, TransactionKind.VOID.value),
    "paid": (TransactionKind.PAYMENT.value,),
    "credited": (TransactionKind.CREDIT.value,),
}
"""By figure, which transactions count in it; charges count as they are, the others lower what is owed."""

Rows = list[FigureRow]


def explain(session: Session, command: ExplainFigure, *, currency: str, today: date, included: bool) -> FigureView:
    """The figure and its rows. Raises `Refused`. The caller's transaction gives every query the same snapshot."""
    customer_id, month = command.customer_id, command.month
    if (command.figure in OF_A_MONTH) != (month is not None):
        raise Refused(INVALID, "There is no such figure.", field="month")
    if month is not None:
        month = month.replace(day=1)
    rows = _rows(session, command, month, today)
    account = session.get(AccountRow, customer_id)
    listed, unlisted = rows[:MOST_FIGURE_ROWS], rows[MOST_FIGURE_ROWS:]
    return FigureView(
        customer_id=customer_id,
        figure=command.figure,
        currency=account.currency if account else currency,
        as_of=today,
        total_minor=_sum(rows),
        rows=listed,
        month=month,
        unlisted=len(unlisted),
        unlisted_minor=_sum(unlisted),
        included=included,
    )


def _rows(session: Session, command: ExplainFigure, month: date | None, today: date) -> Rows:
    customer_id = command.customer_id
    if month is not None:
        return _of_month(session, customer_id, command.figure, month)
    match command.figure:
        case "credits":
            return _left_over(session, customer_id)
        case "account_balance":
            return [*_open_items(session, customer_id), *map(_taken_off, _left_over(session, customer_id))]
        case "past_due":
            return [row for row in _open_items(session, customer_id) if _is_late(row, today)]
        case _:
            return _open_items(session, customer_id)


def _open_items(session: Session, customer_id: str) -> Rows:
    """What is open on each invoice, the oldest due first; money that came before its invoice is below zero."""
    found = session.execute(
        select(OpenItemRow, TransactionRow)
        .outerjoin(
            TransactionRow,
            (TransactionRow.source_id == OpenItemRow.invoice_id)
            & (TransactionRow.kind == TransactionKind.INVOICE.value),
        )
        .where(OpenItemRow.customer_id == customer_id, OpenItemRow.open_minor != 0)
        .order_by(OpenItemRow.due_on, TransactionRow.effective_on, OpenItemRow.invoice_id)
    ).all()
    return [
        FigureRow(
            kind="invoice",
            source_id=item.invoice_id,
            reference=charge.reference if charge else "",
            description=charge.description if charge else "",
            effective_on=charge.effective_on if charge else None,
            amount_minor=item.open_minor,
            due_on=item.due_on,
            original_minor=charge.amount_minor if charge and charge.amount_minor != item.open_minor else None,
        )
        for item, charge in found
    ]


def _left_over(session: Session, customer_id: str) -> Rows:
    """The payments, goodwill credits and voided invoices of whose money something is on no invoice, oldest first."""
    left = _left_by_origin(session, customer_id)
    found = session.scalars(
        select(TransactionRow)
        .where(TransactionRow.source_id.in_(left), TransactionRow.kind.in_(BRINGS_MONEY))
        .order_by(*HISTORY_ORDER)
    )
    rows = []
    for row in found:
        left_minor = left.pop(row.source_id)
        brought_minor = None if row.kind == TransactionKind.VOID.value else -row.amount_minor
        rows.append(_row(row, left_minor, original_minor=brought_minor if brought_minor != left_minor else None))
    # Put on an invoice before its payment's own event has come: it counts already, and will have a name in a moment.
    return [*rows, *(_unnamed(origin_id, left_minor) for origin_id, left_minor in sorted(left.items()))]


def _left_by_origin(session: Session, customer_id: str) -> dict[str, int]:
    """What is left of whose money, where anything is, in minor units: the postings to the customer's credit."""
    moved = session.execute(
        select(TransactionRow.kind, TransactionRow.source_id, func.sum(-PostingRow.amount_minor))
        .join(PostingRow, PostingRow.event_id == TransactionRow.event_id)
        .where(
            PostingRow.customer_id == customer_id,
            PostingRow.account == LedgerAccount.CUSTOMER_CREDIT.value,
            TransactionRow.kind != TransactionKind.REVERSAL.value,
        )
        .group_by(TransactionRow.kind, TransactionRow.source_id)
    ).all()
    given_back = session.execute(
        select(INVOICE_ID, func.sum(PostingRow.amount_minor))
        .join(TransactionRow, TransactionRow.event_id == PostingRow.event_id)
        .where(
            PostingRow.customer_id == customer_id,
            PostingRow.account == LedgerAccount.RECEIVABLE.value,
            TransactionRow.kind == TransactionKind.REVERSAL.value,
        )
        .group_by(PostingRow.invoice_id)
    ).all()
    applied = {source_id for kind, source_id, _ in moved if kind == TransactionKind.CREDIT_APPLIED.value}
    kept = _origins_of(session, applied)
    left: defaultdict[str, int] = defaultdict(int)
    for _, source_id, amount in moved:
        left[kept.get(source_id, source_id)] += int(amount)
    for invoice_id, amount in given_back:
        left[invoice_id] += int(amount)
    return {origin_id: left_minor for origin_id, left_minor in left.items() if left_minor}


def _origins_of(session: Session, credit_ids: set[str]) -> dict[str, str]:
    rows = session.execute(
        select(TransactionRow.source_id, TransactionRow.reference).where(
            TransactionRow.source_id.in_(credit_ids), TransactionRow.kind == TransactionKind.CREDIT_KEPT.value
        )
    ).all()
    return {source_id: reference for source_id, reference in rows}  # noqa: C416 - rows are no tuples to mypy


def _of_month(session: Session, customer_id: str, figure: str, month: date) -> Rows:
    found = session.scalars(
        select(TransactionRow)
        .where(
            TransactionRow.customer_id == customer_id,
            TransactionRow.amount_minor != 0,
            TransactionRow.effective_on >= month,
            TransactionRow.effective_on < month_after(month),
            TransactionRow.kind.in_(OF_A_MONTH[figure]),
        )
        .order_by(*HISTORY_ORDER)
    )
    sign = 1 if figure == "charged" else -1
    return [_row(row, sign * row.amount_minor) for row in found]


def _row(row: TransactionRow, amount_minor: int, *, original_minor: int | None = None) -> FigureRow:
    kind: Any = row.kind
    return FigureRow(
        kind=kind,
        source_id=row.source_id,
        reference=row.reference,
        description=row.description,
        effective_on=row.effective_on,
        amount_minor=amount_minor,
        original_minor=original_minor,
    )


def _unnamed(origin_id: str, left_minor: int) -> FigureRow:
    return FigureRow(
        kind="payment",
        source_id=origin_id,
        reference="",
        description="",
        effective_on=None,
        amount_minor=left_minor,
    )


def _taken_off(row: FigureRow) -> FigureRow:
    return FigureRow(
        kind=row.kind,
        source_id=row.source_id,
        reference=row.reference,
        description=row.description,
        effective_on=row.effective_on,
        amount_minor=-row.amount_minor,
        original_minor=None if row.original_minor is None else -row.original_minor,
    )


def _is_late(row: FigureRow, today: date) -> bool:
    return row.amount_minor > 0 and row.due_on is not None and row.due_on < today


def _sum(rows: Iterable[FigureRow]) -> int:
    return sum(row.amount_minor for row in rows)
