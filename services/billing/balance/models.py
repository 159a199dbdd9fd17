"""balance's tables: the append-only ledger, and projections that can be made from it again at any time."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, MetaData, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.tables import NAMING, UtcDateTime


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class TransactionRow(Base):
    """One event's transaction. The key is the event, so that nothing is posted twice."""

    __tablename__ = "ledger_transactions"
    __table_args__ = (
        Index("ix_ledger_transactions_source_id", "source_id"),
        # The order of the account history; only what changes the account balance is a line of it.
        Index(
            "ix_ledger_transactions_history",
            "customer_id",
            "effective_on",
            "occurred_at",
            "event_id",
            postgresql_where=text("amount_minor <> 0"),
            sqlite_where=text("amount_minor <> 0"),
        ),
        # The credits that a payment or a voided invoice left.
        Index(
            "ix_ledger_transactions_kept",
            "reference",
            postgresql_where=text("kind = 'credit_kept'"),
            sqlite_where=text("kind = 'credit_kept'"),
        ),
    )

    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[str] = mapped_column(String(36))
    customer_id: Mapped[str] = mapped_column(String(36))
    currency: Mapped[str] = mapped_column(String(3))
    reference: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(500))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    """Change of the account balance, in minor units: a charge is positive."""
    effective_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    """Of an invoice; null for everything else."""
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PostingRow(Base):
    """One side of an entry. Rows are inserted, never updated or deleted."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        Index("ix_ledger_postings_customer_id_effective_on", "customer_id", "effective_on"),
        Index(
            "ix_ledger_postings_allocation",
            "allocation_id",
            postgresql_where=text("allocation_id IS NOT NULL"),
            sqlite_where=text("allocation_id IS NOT NULL"),
        ),
        CheckConstraint("amount_minor <> 0", name="not_zero"),
    )

    event_id: Mapped[str] = mapped_column(ForeignKey("ledger_transactions.event_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    account: Mapped[str] = mapped_column(String(20))
    invoice_id: Mapped[str | None] = mapped_column(String(36))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    """Debit positive, credit negative."""
    effective_on: Mapped[date] = mapped_column(Date)
    allocation_id: Mapped[str | None] = mapped_column(String(36))
    """Billing's allocation that this receivable is credited by, or debited when it is reversed."""


class OpenItemRow(Base):
    """What is open on one invoice. Kept for invoices that are paid too (open 0)."""

    __tablename__ = "open_items"
    __table_args__ = (
        Index(
            "ix_open_items_due",
            "customer_id",
            "due_on",
            postgresql_where=text("open_minor <> 0"),
            sqlite_where=text("open_minor <> 0"),
        ),
    )

    invoice_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(36))
    due_on: Mapped[date | None] = mapped_column(Date)
    """Null until the invoice's own event has come: its payment's may come first."""
    open_minor: Mapped[int] = mapped_column(BigInteger)


class AccountRow(Base):
    """A customer's balance, kept so that a page need not add up the ledger."""

    __tablename__ = "accounts"

    customer_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    receivable_minor: Mapped[int] = mapped_column(BigInteger)
    credit_minor: Mapped[int] = mapped_column(BigInteger)


class AccountMonthRow(Base):
    """By how much an account's balance changed in one month (its first day), for running balances deep in history.

    `voided_minor` and `credited_minor` are the parts of `paid_minor` that were voided invoices and goodwill credits.
    """

    __tablename__ = "account_months"

    customer_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    charged_minor: Mapped[int] = mapped_column(BigInteger)
    paid_minor: Mapped[int] = mapped_column(BigInteger)
    voided_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    credited_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
