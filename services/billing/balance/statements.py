"""The statement of a period, from the postings effective until its last day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import case, func, select, tuple_
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts.balance import MOST_STATEMENT_ROWS, ActivityRow, GetStatement, StatementView
from contracts.codes import INVALID
from contracts.wire import Refused
from services.billing.balance.applications import INVOICE_ID, applications
from services.billing.balance.domain.aging import aged
from services.billing.balance.domain.ledger import LedgerAccount
from services.billing.balance.domain.periods import NoSuchPeriod, days_of
from services.billing.balance.models import AccountRow, OpenItemRow, PostingRow, TransactionRow
from services.billing.balance.queries import HISTORY_ORDER, Position, as_line, at, changed_since

BEFORE_ANY = datetime(1970, 1, 1, tzinfo=UTC)


def statement(session: Session, command: GetStatement, *, currency: str, today: date, included: bool) -> StatementView:
    """The period's figures and as many of its rows as were asked for. Raises `Refused`.

    It costs what the period and the days after it hold, not what lies before. The caller's transaction gives every
    query the same snapshot.
    """
    customer_id = command.customer_id
    starts_on, ends_on = _days(session, command, today)
    after: Position | None = read_cursor(command.cursor, date, datetime, str)
    limit = max(1, min(command.limit, MOST_STATEMENT_ROWS))
    account = session.get(AccountRow, customer_id)
    now_minor = account.receivable_minor - account.credit_minor if account else 0
    opening_minor = now_minor - changed_since(session, customer_id, (starts_on, BEFORE_ANY, ""))
    found = _transactions(session, customer_id, starts_on, ends_on, after=after, limit=limit + 1)
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    before_page_minor = opening_minor
    if page and after is not None:
        before_page_minor = now_minor - changed_since(session, customer_id, _position(page[0]))
    totals = _totals(session, customer_id, starts_on, ends_on)
    standing = _standing(session, customer_id, account, ends_on)
    return StatementView(
        customer_id=customer_id,
        currency=account.currency if account else currency,
        period=command.period,
        starts_on=starts_on,
        ends_on=ends_on,
        as_of=today,
        opening_minor=opening_minor,
        closing_minor=standing.balance_due_minor - standing.credits_minor,
        balance_due_minor=standing.balance_due_minor,
        credits_minor=standing.credits_minor,
        charged_minor=totals.charged_minor,
        paid_minor=totals.paid_minor,
        aging=aged(standing.open_items, as_of=ends_on),
        rows=_with_running_balance(page, before_page_minor),
        applications=applications(session, page, ends_on=ends_on),
        total_rows=totals.rows,
        next_cursor=write_cursor(*_position(last)) if last else None,
        included=included,
    )


@dataclass(frozen=True, kw_only=True)
class _Totals:
    rows: int
    charged_minor: int
    paid_minor: int


@dataclass(frozen=True, kw_only=True)
class _Standing:
    """What was owed at the end of a day; open items as due date and amount."""

    balance_due_minor: int
    credits_minor: int
    open_items: list[tuple[date | None, int]]


def _days(session: Session, command: GetStatement, today: date) -> tuple[date, date]:
    try:
        starts_on, ends_on = days_of(command.period, today=today, starts_on=command.starts_on, ends_on=command.ends_on)
    except NoSuchPeriod as problem:
        raise Refused(INVALID, problem.message, field=problem.field) from problem
    if starts_on is None:
        first = session.scalar(
            select(TransactionRow.effective_on)
            .where(TransactionRow.customer_id == command.customer_id, TransactionRow.amount_minor != 0)
            .order_by(*HISTORY_ORDER)
            .limit(1)
        )
        starts_on = min(first or today, today)
    return starts_on, ends_on


def _transactions(
    session: Session, customer_id: str, starts_on: date, ends_on: date, *, after: Position | None, limit: int
) -> list[TransactionRow]:
    query = (
        select(TransactionRow)
        .where(
            TransactionRow.customer_id == customer_id,
            TransactionRow.amount_minor != 0,
            TransactionRow.effective_on.between(starts_on, ends_on),
        )
        .order_by(*HISTORY_ORDER)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(*HISTORY_ORDER) > at(after))
    return list(session.scalars(query))


def _totals(session: Session, customer_id: str, starts_on: date, ends_on: date) -> _Totals:
    amount = TransactionRow.amount_minor
    rows, charged_minor, paid_minor = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((amount > 0, amount), else_=0)), 0),
            func.coalesce(func.sum(case((amount < 0, -amount), else_=0)), 0),
        ).where(
            TransactionRow.customer_id == customer_id,
            amount != 0,
            TransactionRow.effective_on.between(starts_on, ends_on),
        )
    ).one()
    return _Totals(rows=rows, charged_minor=int(charged_minor), paid_minor=int(paid_minor))


def _standing(session: Session, customer_id: str, account: AccountRow | None, ends_on: date) -> _Standing:
    """Today's figures less all that is effective after the day: cheap for what is recent, right for any day."""
    if account is None:
        return _Standing(balance_due_minor=0, credits_minor=0, open_items=[])
    items: dict[str, tuple[date | None, int]] = {
        invoice_id: (due_on, open_minor)
        for invoice_id, due_on, open_minor in session.execute(
            select(OpenItemRow.invoice_id, OpenItemRow.due_on, OpenItemRow.open_minor).where(
                OpenItemRow.customer_id == customer_id, OpenItemRow.open_minor != 0
            )
        )
    }
    balance_due_minor, credits_minor = account.receivable_minor, account.credit_minor
    later = session.execute(
        select(PostingRow.account, INVOICE_ID, OpenItemRow.due_on, func.sum(PostingRow.amount_minor))
        .outerjoin(OpenItemRow, OpenItemRow.invoice_id == PostingRow.invoice_id)
        .where(
            PostingRow.customer_id == customer_id,
            PostingRow.effective_on > ends_on,
            PostingRow.account.in_([LedgerAccount.RECEIVABLE.value, LedgerAccount.CUSTOMER_CREDIT.value]),
        )
        .group_by(PostingRow.account, PostingRow.invoice_id, OpenItemRow.due_on)
    )
    for name, invoice_id, due_on, amount in later:
        if name == LedgerAccount.CUSTOMER_CREDIT.value:
            credits_minor += int(amount)
        else:
            balance_due_minor -= int(amount)
            _, open_minor = items.get(invoice_id, (None, 0))
            items[invoice_id] = (due_on, open_minor - int(amount))
    return _Standing(balance_due_minor=balance_due_minor, credits_minor=credits_minor, open_items=list(items.values()))


def _with_running_balance(page: list[TransactionRow], before_minor: int) -> list[ActivityRow]:
    """Rows oldest first, the first of which found the account at `before_minor`."""
    lines = []
    for row in page:
        before_minor += row.amount_minor
        lines.append(as_line(row, before_minor))
    return lines


def _position(row: TransactionRow) -> Position:
    return row.effective_on, row.occurred_at, row.event_id
