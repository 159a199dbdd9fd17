"""The projections as sums over the ledger: to compare them with what is kept, and to make them again."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Table,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    or_,
    outerjoin,
    select,
    text,
)
from sqlalchemy.orm import Session

from services.billing.balance.domain.ledger import LedgerAccount, TransactionKind
from services.billing.balance.models import AccountMonthRow, AccountRow, OpenItemRow, PostingRow, TransactionRow

RECEIVABLE = PostingRow.account == LedgerAccount.RECEIVABLE.value
CUSTOMER_CREDIT = PostingRow.account == LedgerAccount.CUSTOMER_CREDIT.value
CHUNK_ROWS = 1000
LONGEST_STATEMENT_S = 600


def rebuild(session: Session) -> None:
    """Replace every projection by sums over the postings, in the caller's transaction."""
    if _is_postgresql(session):
        # A batch that is being posted finishes first, the next one waits: its figures would be lost.
        session.execute(text("LOCK TABLE accounts, account_months, open_items IN EXCLUSIVE MODE"))
    for table, sums in _projections(session):
        session.execute(delete(table))
        session.execute(insert(table).from_select([column.name for column in sums.selected_columns], sums))


def differences(session: Session) -> Iterator[str]:
    """The rows of projections that are not the sums of their postings, a line for people each.

    The caller's transaction gives both sides the same snapshot.
    """
    for table, sums in _projections(session):
        yield from _differences_in(session, table, sums)


def allow_long_statements(session: Session) -> None:
    """Let this transaction add up a ledger of many years; a page's statements never take so long."""
    if _is_postgresql(session):
        session.execute(text(f"SET LOCAL statement_timeout = '{LONGEST_STATEMENT_S}s'"))


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
            _sum_of(TransactionRow.kind == TransactionKind.VOID.value, -TransactionRow.amount_minor).label(
                "voided_minor"
            ),
            _sum_of(TransactionRow.kind == TransactionKind.CREDIT.value, -TransactionRow.amount_minor).label(
                "credited_minor"
            ),
        )
        .where(TransactionRow.amount_minor != 0)
        .group_by(TransactionRow.customer_id, month)
    )
    return [(_table(AccountRow), accounts), (_table(OpenItemRow), open_items), (_table(AccountMonthRow), months)]


def _differences_in(session: Session, table: Table, sums: Select[Any]) -> Iterator[str]:
    """Compared by the database: only what differs is read."""
    keys = [column.name for column in table.primary_key]
    names = [column.name for column in sums.selected_columns]
    added_up = sums.subquery()
    same_key = and_(*(added_up.c[key] == table.c[key] for key in keys))
    differs = or_(*(table.c[name].is_distinct_from(added_up.c[name]) for name in names))
    wrong = select(*(added_up.c[name] for name in names), *(table.c[name] for name in names)).select_from(
        outerjoin(added_up, table, same_key)
    )
    for row in _read(session, wrong.where(differs)):
        expected, kept = row[: len(names)], row[len(names) :]
        # A key is never null, so a row that is null there is no row.
        yield _line(table, keys, names, expected=expected, kept=kept if kept[0] is not None else None)
    left_over = select(*(table.c[name] for name in names)).select_from(outerjoin(table, added_up, same_key))
    for row in _read(session, left_over.where(added_up.c[keys[0]].is_(None))):
        yield _line(table, keys, names, expected=None, kept=row)


def _read(session: Session, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    result = session.execute(query, execution_options={"yield_per": CHUNK_ROWS})
    return (tuple(row) for row in result)


def _line(
    table: Table, keys: list[str], names: list[str], *, expected: tuple[Any, ...] | None, kept: tuple[Any, ...] | None
) -> str:
    shown = dict(zip(names, expected or kept or (), strict=True))
    what = f"{table.name}, {', '.join(f'{key} {shown[key]}' for key in keys)}"
    if kept is None:
        figures = ", ".join(f"{name} {value}" for name, value in shown.items() if name not in keys)
        return f"{what}: there is no row, the postings add up to {figures}"
    if expected is None:
        figures = ", ".join(f"{name} {value}" for name, value in shown.items() if name not in keys)
        return f"{what}: there are no postings, the row says {figures}"
    return f"{what}: " + "; ".join(
        f"{name} is {found}, the postings add up to {wanted}"
        for name, found, wanted in zip(names, kept, expected, strict=True)
        if found != wanted
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
