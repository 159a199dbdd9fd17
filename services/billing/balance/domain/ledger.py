"""Double entry: what a transaction is, checked at birth. Postings are never changed; mistakes are reversed.

A posting's amount is signed: a debit is positive, a credit negative, so a balanced set adds up to zero.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class LedgerAccount(StrEnum):
    """The chart of accounts. docs/ledger.md lists which event posts to which."""

    RECEIVABLE = "receivable"
    """Asset, one per invoice: what the customer owes on it."""
    CASH = "cash"
    """Asset: money received."""
    CUSTOMER_CREDIT = "customer_credit"
    """Liability: money of the customer's that is not on an invoice."""
    REVENUE = "revenue"
    """Income: what was invoiced."""
    CREDITS_GIVEN = "credits_given"
    """Contra-income: goodwill."""


class TransactionKind(StrEnum):
    """What kind of fact a transaction came from. The first seven are lines of the account history."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    CREDIT = "credit"
    VOID = "void"
    REFUND = "refund"
    DISPUTE = "dispute"
    RESTORED = "restored"
    ALLOCATION = "allocation"
    CREDIT_APPLIED = "credit_applied"
    REVERSAL = "reversal"
    CREDIT_KEPT = "credit_kept"
    """Moves nothing: says which payment or voided invoice (its reference) a credit came from."""


class UnbalancedTransaction(ValueError):
    """Debits and credits of one day do not add up to zero. No event may post this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Posting:
    """One side of an entry: `amount_minor` > 0 debits the account, < 0 credits it."""

    account: LedgerAccount
    amount_minor: int
    effective_on: date
    invoice_id: str | None = None
    allocation_id: str | None = None
    """Of a receivable: billing's allocation that this puts on the invoice, or takes off it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transaction:
    """Everything one event posts, with what the account history says about it.

    `amount_minor` is the change of the account balance (receivable − customer credit): a charge is positive,
    a payment negative, an allocation zero. Raises `UnbalancedTransaction`.
    """

    event_id: str
    kind: TransactionKind
    source_id: str
    customer_id: str
    currency: str
    reference: str
    description: str
    effective_on: date
    occurred_at: datetime
    postings: tuple[Posting, ...]
    due_on: date | None = None
    """Of an invoice: the day until which it is not past due."""

    def __post_init__(self) -> None:
        sums: dict[date, int] = {}
        for posting in self.postings:
            if posting.amount_minor == 0:
                raise UnbalancedTransaction(f"event {self.event_id} has a posting of zero")
            sums[posting.effective_on] = sums.get(posting.effective_on, 0) + posting.amount_minor
        if any(sums.values()):
            raise UnbalancedTransaction(f"event {self.event_id} does not balance on each day: {sums}")

    @property
    def amount_minor(self) -> int:
        return self.receivable_minor - self.credit_minor

    @property
    def receivable_minor(self) -> int:
        """By how much the balance due changes."""
        return self._sum(LedgerAccount.RECEIVABLE)

    @property
    def credit_minor(self) -> int:
        """By how much the customer's unapplied credit grows (the account is a liability: credits are negative)."""
        return -self._sum(LedgerAccount.CUSTOMER_CREDIT)

    def _sum(self, account: LedgerAccount) -> int:
        return sum(posting.amount_minor for posting in self.postings if posting.account == account)


def entry(
    *,
    debit: LedgerAccount,
    credit: LedgerAccount,
    amount_minor: int,
    effective_on: date,
    invoice_id: str | None = None,
    allocation_id: str | None = None,
) -> tuple[Posting, Posting]:
    """Two postings that balance. `invoice_id` and `allocation_id` go on the side that is a receivable."""
    return (
        _posting(debit, amount_minor, effective_on, invoice_id, allocation_id),
        _posting(credit, -amount_minor, effective_on, invoice_id, allocation_id),
    )


def _posting(
    account: LedgerAccount, amount_minor: int, effective_on: date, invoice_id: str | None, allocation_id: str | None
) -> Posting:
    is_receivable = account == LedgerAccount.RECEIVABLE
    return Posting(
        account=account,
        amount_minor=amount_minor,
        effective_on=effective_on,
        invoice_id=invoice_id if is_receivable else None,
        allocation_id=allocation_id if is_receivable else None,
    )
