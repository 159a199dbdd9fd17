"""The customer's statement of a period."""

from datetime import date
from typing import Literal

from contracts.balance.accounts import ActivityRow
from contracts.wire import Command, View

StatementPeriod = Literal["this_month", "last_month", "this_year", "last_year", "all", "custom"]

MOST_STATEMENT_ROWS = 10_000
"""Transactions that one answer can hold; a page of the portal asks for fewer, its PDF and CSV for all of them."""


class Aging(View):
    """The balance due by how late it is on a day, in minor units: not late, then by days after the due date."""

    current_minor: int
    days_1_30_minor: int
    days_31_60_minor: int
    days_61_90_minor: int
    over_90_minor: int


class AppliedPart(View):
    """Part of a payment or credit that was put on an invoice. `returned`: taken off it again, as for a void."""

    invoice_id: str
    invoice_number: str
    amount_minor: int
    returned: bool = False


class Application(View):
    """Where one payment's or credit's money went, as of the statement's last day; a voided invoice's, what came back.

    `left_minor` is on no invoice then. Over all of an account's history these add up to its credits.
    """

    event_id: str
    parts: list[AppliedPart]
    left_minor: int


class StatementView(View):
    """A period's transactions, oldest first in the order (effective_on, occurred_at, event_id), or some of them.

    `opening_minor` and `closing_minor` are account balances before the first day and after the last, whichever rows
    this page holds; the first row's balance is the opening one plus its amount. `balance_due_minor` −
    `credits_minor` = `closing_minor`, and `aging` adds up to `balance_due_minor`. `applications` are those of the rows
    here. `total_rows` counts the period's transactions.
    """

    customer_id: str
    currency: str
    period: StatementPeriod
    starts_on: date
    ends_on: date
    as_of: date
    opening_minor: int
    closing_minor: int
    balance_due_minor: int
    credits_minor: int
    charged_minor: int
    paid_minor: int
    aging: Aging
    rows: list[ActivityRow]
    applications: list[Application]
    total_rows: int
    next_cursor: str | None = None
    included: bool = True


class GetStatement(Command[StatementView]):
    """A customer's statement. Periods but `custom` follow the business's today, `all` begins with the first row.

    `custom` needs both days, the first not after the last, between 1970 and 2199; else it is refused as `invalid`,
    the `field` in its details. `limit` is at most `MOST_STATEMENT_ROWS`.
    """

    customer_id: str
    period: StatementPeriod = "this_month"
    starts_on: date | None = None
    ends_on: date | None = None
    cursor: str | None = None
    limit: int = 50
    must_include: list[str] = []
