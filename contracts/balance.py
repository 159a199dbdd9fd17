"""balance: the double-entry ledger and what follows from it. It learns only from events."""

from datetime import date, datetime
from typing import Literal

from contracts.wire import Command, View

ActivityKind = Literal["invoice", "payment", "credit", "void"]


DifferenceKind = Literal[
    "transaction_without_event",
    "event_not_posted",
    "transaction",
    "unbalanced",
    "projection",
    "open_amount",
    "open_credits",
    "payment",
]


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


class AccountView(View):
    """What a customer owes as of a day, in minor units.

    `account_balance_minor` = `balance_due_minor` − `credits_minor`. `included` is false when something of
    `must_include` had not arrived in time.
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


class LedgerDifference(View):
    """A place where two ways to the same figure disagree.

    `kind` is for programs; `message` is one line for people, with the ids and the amounts in minor units.
    """

    kind: DifferenceKind
    message: str


class LedgerCheck(View):
    """What a check found. Without `differences` ledger, archives, projections, billing and payments agree.

    At most 20 differences of a kind are listed; `unlisted` counts the others.
    """

    events: int
    postings: int
    accounts: int
    differences: list[LedgerDifference] = []
    unlisted: int = 0


class GetAccount(Command[AccountView]):
    """A customer's figures today and its latest activity.

    `must_include` are ids of payments, invoices or credits that the caller knows of: the answer waits up to
    500 ms for them and says whether they are in.
    """

    customer_id: str
    must_include: list[str] = []
    activity_limit: int = 10


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


class CheckLedger(Command[LedgerCheck]):
    """Compare ledger, archived events, projections, billing's open amounts and payments' receipts. Changes nothing.

    Of what was recorded before the check began, an event that is not posted is a difference.
    """


class RebuildLedger(Command[LedgerCheck]):
    """Make the ledger what the owners' archives lead to, then its projections; answers what a check then finds.

    A transaction that no archived event posts is taken out.
    """
