"""What customers owe, and how it came to be."""

from datetime import date, datetime
from typing import Literal

from contracts.wire import Command, View

ActivityKind = Literal["invoice", "payment", "credit", "void", "refund", "dispute", "restored"]


class ActivityRow(View):
    """One line of the account history, newest first in lists.

    `amount_minor` is signed: a charge raises what is owed, a payment or credit lowers it.
    `running_balance_minor` is the account balance (owed − credits) after it, in the order
    (effective_on, occurred_at, event_id).
    """

    event_id: str
    kind: ActivityKind
    source_id: str
    reference: str
    description: str
    effective_on: date
    occurred_at: datetime
    amount_minor: int
    running_balance_minor: int


class ActivityPage(View):
    """Part of an account's history, newest first. `included`: what the caller named is among what was posted."""

    rows: list[ActivityRow]
    currency: str
    as_of: date
    next_cursor: str | None = None
    included: bool = True


class MonthFigures(View):
    """One month (its first day) of an account, in minor units.

    `charged_minor` is what was invoiced less what was voided, `paid_minor` the payments, `credited_minor` the goodwill
    credits. Below zero where a month took back more than it brought.
    """

    month: date
    charged_minor: int
    paid_minor: int
    credited_minor: int = 0


class AccountView(View):
    """What a customer owes as of a day, in minor units.

    `account_balance_minor` = `balance_due_minor` − `credits_minor`. `included` is false when something of
    `must_include` had not arrived in time. `months` are the ones asked for, oldest first, this one last, each there.
    """

    customer_id: str
    currency: str
    balance_due_minor: int
    past_due_minor: int
    credits_minor: int
    account_balance_minor: int
    open_invoices: int
    as_of: date
    included: bool
    activity: list[ActivityRow]
    months: list[MonthFigures] = []


class AccountBalance(View):
    """One customer's figures in the business's list, minor units."""

    customer_id: str
    balance_due_minor: int
    past_due_minor: int
    credits_minor: int


class AccountsPage(View):
    """Some customers' figures as of a day, by customer id; `next_cursor` leads to the next ones."""

    accounts: list[AccountBalance]
    currency: str
    as_of: date
    next_cursor: str | None = None


class GetAccount(Command[AccountView]):
    """A customer's figures today and its latest activity.

    `must_include` are ids of payments, invoices or credits that the caller knows of: the answer waits up to
    500 ms for them and says whether they are in. `months`: so many calendar months' figures with it, at most 36.
    """

    customer_id: str
    must_include: list[str] = []
    activity_limit: int = 10
    months: int = 0


class ListActivity(Command[ActivityPage]):
    """The account history, newest first, a page at a time."""

    customer_id: str
    cursor: str | None = None
    limit: int = 50
    must_include: list[str] = []


class ListAccounts(Command[AccountsPage]):
    """Every account's figures as of a day (default today), by customer id, a page at a time."""

    as_of: date | None = None
    cursor: str | None = None
    limit: int = 500
