"""What balance answers: one customer's figures, its history, everybody's figures as of a day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Tuple, and_, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from chassis.cursors import read_cursor, write_cursor
from contracts.balance import AccountBalance, AccountsPage, AccountView, ActivityPage, ActivityRow, MonthFigures
from services.billing.balance.domain.ledger import LedgerAccount, TransactionKind
from services.billing.balance.models import AccountMonthRow, AccountRow, OpenItemRow, PostingRow, TransactionRow

MAXIMUM_PAGE = 500
MOST_MONTHS = 36
Position = tuple[date, datetime, str]
"""A place in an account's history: effective_on, occurred_at, event_id."""

HISTORY_ORDER = (TransactionRow.effective_on, TransactionRow.occurred_at, TransactionRow.event_id)


def account(
    session: Session,
    *,
    customer_id: str,
    currency: str,
    today: date,
    activity_limit: int,
    included: bool,
    months: int = 0,
) -> AccountView:
    """A customer's figures today. One who was never invoiced owes nothing: that is an answer, not an error."""
    row = session.get(AccountRow, customer_id)
    receivable_minor = row.receivable_minor if row else 0
    credits_minor = row.credit_minor if row else 0
    is_past_due = and_(OpenItemRow.open_minor > 0, OpenItemRow.due_on < today)
    past_due_minor, open_invoices = session.execute(
        select(
            func.coalesce(func.sum(case((is_past_due, OpenItemRow.open_minor), else_=0)), 0),
            func.coalesce(func.sum(case((OpenItemRow.open_minor > 0, 1), else_=0)), 0),
        ).where(OpenItemRow.customer_id == customer_id, OpenItemRow.open_minor != 0)
    ).one()
    account_balance_minor = receivable_minor - credits_minor
    return AccountView(
        customer_id=customer_id,
        currency=row.currency if row else currency,
        balance_due_minor=receivable_minor,
        past_due_minor=int(past_due_minor),
        credits_minor=credits_minor,
        account_balance_minor=account_balance_minor,
        open_invoices=int(open_invoices),
        as_of=today,
        included=included,
        activity=_with_running_balance(
            _history(session, customer_id, before=None, limit=_bounded(activity_limit)), account_balance_minor
        ),
        months=month_figures(session, customer_id, today, months) if months > 0 else [],
    )


def activity(
    session: Session,
    *,
    customer_id: str,
    currency: str,
    today: date,
    cursor: str | None,
    limit: int,
    included: bool,
) -> ActivityPage:
    """The account history, newest first. Deep pages cost what the first one does. Raises `Refused`."""
    limit = _bounded(limit)
    before = read_cursor(cursor, date, datetime, str)
    row = session.get(AccountRow, customer_id)
    balance_minor = row.receivable_minor - row.credit_minor if row else 0
    if before is not None:
        balance_minor -= changed_since(session, customer_id, before)
    found = _history(session, customer_id, before=before, limit=limit + 1)
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    return ActivityPage(
        rows=_with_running_balance(page, balance_minor),
        currency=row.currency if row else currency,
        as_of=today,
        next_cursor=write_cursor(last.effective_on, last.occurred_at, last.event_id) if last else None,
        included=included,
    )


def includes(session: Session, source_ids: Sequence[str]) -> bool:
    """Whether everything that these payments, invoices and credits post has been posted.

    A payment is in when billing has also said where it went: before that the balance due does not show it.
    """
    if not source_ids:
        return True
    found = session.execute(
        select(TransactionRow.source_id, TransactionRow.kind).where(TransactionRow.source_id.in_(source_ids))
    )
    kinds: dict[str, set[str]] = {}
    for source_id, kind in found:
        kinds.setdefault(source_id, set()).add(kind)
    return all(_is_whole(kinds.get(source_id, set())) for source_id in source_ids)


def accounts(
    session: Session, *, as_of: date, is_today: bool, currency: str, cursor: str | None, limit: int
) -> AccountsPage:
    """Every account's figures as of a day, by customer id.

    Today comes from the projections, any other day is added up from the postings effective until then; so is today
    where something is effective later, as after an import with a later today.
    """
    limit = _bounded(limit)
    after = read_cursor(cursor, str)
    query = select(AccountRow).order_by(AccountRow.customer_id).limit(limit + 1)
    if after is not None:
        query = query.where(AccountRow.customer_id > after[0])
    rows = list(session.scalars(query))
    page = rows[:limit]
    customer_ids = [row.customer_id for row in page]
    if is_today and not _has_later(session, customer_ids, as_of):
        past_due = _past_due_today(session, customer_ids, as_of)
        figures = {row.customer_id: (row.receivable_minor, row.credit_minor) for row in page}
    else:
        past_due = _past_due_as_of(session, customer_ids, as_of)
        figures = _figures_as_of(session, customer_ids, as_of)
    return AccountsPage(
        accounts=[
            AccountBalance(
                customer_id=customer_id,
                balance_due_minor=figures.get(customer_id, (0, 0))[0],
                past_due_minor=past_due.get(customer_id, 0),
                credits_minor=figures.get(customer_id, (0, 0))[1],
            )
            for customer_id in customer_ids
        ],
        currency=currency,
        as_of=as_of,
        next_cursor=write_cursor(page[-1].customer_id) if len(rows) > limit else None,
    )


def month_figures(session: Session, customer_id: str, today: date, count: int) -> list[MonthFigures]:
    """The last `count` calendar months, this one last, from their kept sums; a month without anything is there too."""
    wanted = [today.replace(day=1)]
    while len(wanted) < min(count, MOST_MONTHS):
        wanted.append((wanted[-1] - timedelta(days=1)).replace(day=1))
    found = session.scalars(
        select(AccountMonthRow).where(
            AccountMonthRow.customer_id == customer_id, AccountMonthRow.month.between(wanted[-1], wanted[0])
        )
    )
    kept = {row.month: row for row in found}
    return [_figures_of(month, kept.get(month)) for month in reversed(wanted)]


def changed_since(session: Session, customer_id: str, position: Position) -> int:
    """The change of the account balance by everything from `position` on, itself included.

    Whole months come from their kept sums, so only the rows of one month are added up.
    """
    month = position[0].replace(day=1)
    next_month = month_after(month)
    later_months = session.scalar(
        select(func.sum(AccountMonthRow.charged_minor - AccountMonthRow.paid_minor)).where(
            AccountMonthRow.customer_id == customer_id, AccountMonthRow.month > month
        )
    )
    same_month = session.scalar(
        select(func.sum(TransactionRow.amount_minor)).where(
            TransactionRow.customer_id == customer_id,
            TransactionRow.amount_minor != 0,
            TransactionRow.effective_on < next_month,
            tuple_(*HISTORY_ORDER) >= at(position),
        )
    )
    return int(later_months or 0) + int(same_month or 0)


def at(position: Position) -> Tuple:
    """A place in the history as SQL compares it with `HISTORY_ORDER`."""
    return tuple_(*(literal(value, column.type) for value, column in zip(position, HISTORY_ORDER, strict=True)))


def as_line(row: TransactionRow, running_balance_minor: int) -> ActivityRow:
    """A transaction that changes the account balance as a line of the history."""
    return ActivityRow(
        event_id=row.event_id,
        kind=row.kind,  # type: ignore[arg-type]  # rows that change the balance are of these kinds
        source_id=row.source_id,
        reference=row.reference,
        description=row.description,
        effective_on=row.effective_on,
        occurred_at=row.occurred_at,
        amount_minor=row.amount_minor,
        running_balance_minor=running_balance_minor,
    )


def _history(session: Session, customer_id: str, *, before: Position | None, limit: int) -> list[TransactionRow]:
    query = (
        select(TransactionRow)
        .where(TransactionRow.customer_id == customer_id, TransactionRow.amount_minor != 0)
        .order_by(*(column.desc() for column in HISTORY_ORDER))
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(*HISTORY_ORDER) < at(before))
    return list(session.scalars(query))


def _with_running_balance(rows: Sequence[TransactionRow], balance_minor: int) -> list[ActivityRow]:
    """Rows newest first, the first of which left the account at `balance_minor`."""
    lines = []
    for row in rows:
        lines.append(as_line(row, balance_minor))
        balance_minor -= row.amount_minor
    return lines


def _has_later(session: Session, customer_ids: Sequence[str], day: date) -> bool:
    later = select(PostingRow.event_id).where(PostingRow.customer_id.in_(customer_ids), PostingRow.effective_on > day)
    return session.scalar(later.limit(1)) is not None


def _past_due_today(session: Session, customer_ids: Sequence[str], today: date) -> dict[str, int]:
    found = session.execute(
        select(OpenItemRow.customer_id, func.sum(OpenItemRow.open_minor))
        .where(OpenItemRow.customer_id.in_(customer_ids), OpenItemRow.open_minor > 0, OpenItemRow.due_on < today)
        .group_by(OpenItemRow.customer_id)
    )
    return {customer_id: int(total_minor) for customer_id, total_minor in found}


def _figures_as_of(session: Session, customer_ids: Sequence[str], as_of: date) -> dict[str, tuple[int, int]]:
    owed = func.sum(case((PostingRow.account == LedgerAccount.RECEIVABLE.value, PostingRow.amount_minor), else_=0))
    credit = func.sum(
        case((PostingRow.account == LedgerAccount.CUSTOMER_CREDIT.value, -PostingRow.amount_minor), else_=0)
    )
    found = session.execute(
        select(PostingRow.customer_id, owed, credit)
        .where(PostingRow.customer_id.in_(customer_ids), PostingRow.effective_on <= as_of)
        .group_by(PostingRow.customer_id)
    )
    return {customer_id: (int(owed_minor), int(credit_minor)) for customer_id, owed_minor, credit_minor in found}


def _past_due_as_of(session: Session, customer_ids: Sequence[str], as_of: date) -> dict[str, int]:
    open_then = (
        select(
            PostingRow.customer_id.label("customer_id"),
            func.sum(PostingRow.amount_minor).label("open_minor"),
        )
        .join(OpenItemRow, OpenItemRow.invoice_id == PostingRow.invoice_id)
        .where(
            PostingRow.customer_id.in_(customer_ids),
            PostingRow.account == LedgerAccount.RECEIVABLE.value,
            PostingRow.effective_on <= as_of,
            OpenItemRow.due_on < as_of,
        )
        .group_by(PostingRow.customer_id, PostingRow.invoice_id)
        .subquery()
    )
    found = session.execute(
        select(open_then.c.customer_id, func.sum(open_then.c.open_minor))
        .where(open_then.c.open_minor > 0)
        .group_by(open_then.c.customer_id)
    )
    return {customer_id: int(total_minor) for customer_id, total_minor in found}


def _figures_of(month: date, row: AccountMonthRow | None) -> MonthFigures:
    if row is None:
        return MonthFigures(month=month, charged_minor=0, paid_minor=0)
    return MonthFigures(
        month=month,
        charged_minor=row.charged_minor - row.voided_minor,
        paid_minor=row.paid_minor - row.voided_minor - row.credited_minor,
        credited_minor=row.credited_minor,
    )


def month_after(month: date) -> date:
    """The first day of the month after the one that begins on `month`."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _is_whole(kinds: set[str]) -> bool:
    if TransactionKind.PAYMENT in kinds or TransactionKind.ALLOCATION in kinds:
        return {TransactionKind.PAYMENT.value, TransactionKind.ALLOCATION.value} <= kinds
    return bool(kinds)


def _bounded(limit: int) -> int:
    return max(1, min(limit, MAXIMUM_PAGE))
