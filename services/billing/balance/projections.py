"""The projections as sums over the ledger: to compare them with what is kept, and to make them again."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Table, case, cast, delete, func, insert, select, text
from sqlalchemy.orm import Session

from contracts.balance import LedgerDifference
from services.billing.balance.domain.ledger import LedgerAccount
from services.billing.balance.models import AccountMonthRow, AccountRow, OpenItemRow, PostingRow, TransactionRow

RECEIVABLE = PostingRow.account == LedgerAccount.RECEIVABLE.value
CUSTOMER_CREDIT = PostingRow.account == LedgerAccount.CUSTOMER_CREDIT.value
CHUNK_ROWS = 1000


def rebuild(session: Session) -> None:
    """Replace every projection by sums over the postings, in the caller's transaction."""
    if _is_postgresql(session):
        # A batch that is being posted finishes first, the next one waits: its figures would be lost.
        session.execute(text("LOCK TABLE accounts, account_months, open_items IN EXCLUSIVE MODE"))
    for table, sums in _projections(session):
        session.execute(delete(table))
        session.execute(insert(table).from_select([column.name for column in sums.selected_columns], sums))


def first_difference(session: Session) -> LedgerDifference | None:
    """The first row of a projection that is not the sum of its postings; None when all are.

    The caller's transaction gives both sides the same snapshot.
    """
    if unbalanced := _unbalanced_event(session):
        return LedgerDifference(what="ledger_postings", where=f"event {unbalanced}", expected="sum 0", found="not 0")
    for table, sums in _projections(session):
        if difference := _first_difference_in(session, table, sums):
            return difference
    return None


def _projections(session: Session) -> list[tuple[Table, Select[Any]]]:
    accounts = (
        select(
            PostingRow.customer_id,
            func.max(TransactionRow.currency).label("currency"),
            _sum_of(RECEIVABLE, PostingRow.amount_minor).label("receivable_minor"),
            _sum_of(CUSTOMER_CREDIT, -PostingRow.amount_minor).label("credit_minor"),
        )
        .join(TransactionRow, TransactionRow.event_id == PostingRow.event_id)
        .group_by(PostingRow.customer_id)
    )
    open_items = (
        select(
            PostingRow.invoice_id,
            func.max(PostingRow.customer_id).label("customer_id"),
            func.max(TransactionRow.due_on).label("due_on"),
            _sum_of(RECEIVABLE, PostingRow.amount_minor).label("open_minor"),
        )
        .join(TransactionRow, TransactionRow.event_id == PostingRow.event_id)
        .where(RECEIVABLE, PostingRow.invoice_id.is_not(None))
        .group_by(PostingRow.invoice_id)
    )
    month = _month_of(session, TransactionRow.effective_on)
    months = (
        select(
            TransactionRow.customer_id,
            month.label("month"),
            _sum_of(TransactionRow.amount_minor > 0, TransactionRow.amount_minor).label("charged_minor"),
            _sum_of(TransactionRow.amount_minor < 0, -TransactionRow.amount_minor).label("paid_minor"),
        )
        .where(TransactionRow.amount_minor != 0)
        .group_by(TransactionRow.customer_id, month)
    )
    return [(_table(AccountRow), accounts), (_table(OpenItemRow), open_items), (_table(AccountMonthRow), months)]


def _first_difference_in(session: Session, table: Table, sums: Select[Any]) -> LedgerDifference | None:
    keys = [column.name for column in table.primary_key]
    names = [column.name for column in sums.selected_columns]
    derived = sums.subquery()
    expected_rows = _in_order(session, select(derived), [derived.c[key] for key in keys])
    kept_rows = _in_order(session, select(*(table.c[name] for name in names)), [table.c[key] for key in keys])
    while True:
        expected, kept = next(expected_rows, None), next(kept_rows, None)
        if expected == kept:
            if expected is None:
                return None
            continue
        shown = expected if expected is not None else kept
        return LedgerDifference(
            # SQLAlchemy's names are a kind of text of their own, which no message may hold.
            what=str(table.name),
            where=", ".join(f"{key} {shown[names.index(key)]}" for key in keys) if shown else "",
            expected=_described(names, expected),
            found=_described(names, kept),
        )


def _in_order(session: Session, query: Select[Any], keys: list[ColumnElement[Any]]) -> Iterator[tuple[Any, ...]]:
    result = session.execute(query.order_by(*keys), execution_options={"yield_per": CHUNK_ROWS})
    return (tuple(row) for row in result)


def _unbalanced_event(session: Session) -> str | None:
    return session.scalar(
        select(PostingRow.event_id)
        .group_by(PostingRow.event_id)
        .having(func.sum(PostingRow.amount_minor) != 0)
        .limit(1)
    )


def _sum_of(condition: ColumnElement[bool], amount: Any) -> ColumnElement[int]:
    # Back to an integer: PostgreSQL adds bigints up to a numeric.
    total = func.coalesce(func.sum(case((condition, amount), else_=0)), 0)
    return cast(total, PostingRow.amount_minor.type)


def _month_of(session: Session, day: Any) -> ColumnElement[Any]:
    if _is_postgresql(session):
        return cast(func.date_trunc("month", day), Date)
    return func.date(day, "start of month", type_=Date)


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _table(row: type[Any]) -> Table:
    table: Table = row.__table__
    return table


def _described(names: list[str], row: tuple[Any, ...] | None) -> str:
    if row is None:
        return "no row"
    return ", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True))
