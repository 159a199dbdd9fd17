"""billing's tables. All amounts are integers in minor units of the row's currency; instants are UTC.

Column names are the field names of the domain's classes, so that a row becomes an object and back by name.
"""

from datetime import date, datetime, time

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    and_,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.tables import NAMING, UtcDateTime
from contracts.payments import ReturnKind

ID = String(36)


_OPEN = "state = 'sent' AND allocated_minor < total_minor"
_PAID = "state = 'sent' AND allocated_minor = total_minor"
_VOID = "state = 'void'"
_PARTLY_PAID = f"{_OPEN} AND allocated_minor > 0"


def _partial(name: str, where: str, *columns: str) -> Index:
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


class Base(DeclarativeBase):
    """billing's own tables; those of the chassis are in `chassis.tables.metadata`."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime(), int: BigInteger()}  # noqa: RUF012 - SQLAlchemy's own convention


class AccountRow(Base):
    """One row a customer. Locked first by whatever changes anything of that customer."""

    __tablename__ = "accounts"

    customer_id: Mapped[str] = mapped_column(ID, primary_key=True)


class NumberSequenceRow(Base):
    """One row: the next position of the sequence of invoice numbers. Locked by whoever takes one."""

    __tablename__ = "number_sequence"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    next_position: Mapped[int]


class InvoiceRow(Base):
    """An invoice. `allocated_minor` equals the sum of its allocations that are not reversed."""

    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'sent', 'void')", name="state"),
        CheckConstraint("total_minor > 0", name="total_above_zero"),
        CheckConstraint("allocated_minor BETWEEN 0 AND total_minor", name="never_overpaid"),
        CheckConstraint("(state = 'draft') = (sent_at IS NULL) OR state = 'void'", name="sent_has_instant"),
        Index("ix_invoices_visible", "customer_id", "issued_on", "invoice_id"),
        # One for each order of each kind of invoice: a list takes its page from the beginning of what it wants.
        _partial("ix_invoices_open", _OPEN, "customer_id", "due_on", "invoice_id"),
        _partial("ix_invoices_open_by_issue", _OPEN, "customer_id", "issued_on", "invoice_id"),
        _partial("ix_invoices_open_by_total", _OPEN, "customer_id", "total_minor", "issued_on", "invoice_id"),
        _partial("ix_invoices_partly_paid", _PARTLY_PAID, "customer_id"),
        _partial("ix_invoices_paid_by_issue", _PAID, "customer_id", "issued_on", "invoice_id"),
        _partial("ix_invoices_paid_by_due", _PAID, "customer_id", "due_on", "invoice_id"),
        _partial("ix_invoices_paid_by_total", _PAID, "customer_id", "total_minor", "issued_on", "invoice_id"),
        _partial("ix_invoices_void", _VOID, "customer_id", "issued_on", "invoice_id"),
        _partial("ix_invoices_drafts", "state = 'draft'", "issued_on", "invoice_id"),
    )

    invoice_id: Mapped[str] = mapped_column(ID, primary_key=True)
    customer_id: Mapped[str] = mapped_column(ID)
    number: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int]
    allocated_minor: Mapped[int]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    # The day it is owed from: the day it was sent, for an imported one its issue date.
    effective_on: Mapped[date | None]
    description: Mapped[str] = mapped_column(Text)
    memo: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(Text)
    # Grows with each event about the invoice.
    version: Mapped[int]


IS_OPEN = and_(InvoiceRow.state == text("'sent'"), InvoiceRow.allocated_minor < InvoiceRow.total_minor)
"""Something is owed on the invoice. Without parameters, so that SQLite too sees that the partial index fits."""


IS_PAID = and_(InvoiceRow.state == text("'sent'"), InvoiceRow.allocated_minor == InvoiceRow.total_minor)
"""Sent, and nothing is owed on it."""

IS_VOID = InvoiceRow.state == text("'void'")
IS_UNTOUCHED = and_(IS_OPEN, InvoiceRow.allocated_minor == text("0"))
IS_PARTLY_PAID = and_(IS_OPEN, InvoiceRow.allocated_minor > text("0"))


class InvoiceWordRow(Base):
    """A word that an invoice is found by, from the moment it is sent. Ordered byte by byte: a prefix is a range."""

    __tablename__ = "invoice_words"
    __table_args__ = (
        Index("ix_invoice_words_found", "customer_id", "word", "invoice_id"),
        # Nothing but the key is in the row, so SQLite needs no second copy of it.
        {"sqlite_with_rowid": False},
    )

    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoices.invoice_id"), primary_key=True)
    word: Mapped[str] = mapped_column(
        String(40).with_variant(String(40, collation="C"), "postgresql"), primary_key=True
    )
    customer_id: Mapped[str] = mapped_column(ID)


class InvoiceLineRow(Base):
    """One line of an invoice; the position counts from 0."""

    __tablename__ = "invoice_lines"

    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoices.invoice_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    description: Mapped[str] = mapped_column(Text)
    # A decimal number as text ("1.5"); amount_minor is what counts.
    quantity: Mapped[str] = mapped_column(String(20))
    unit_price_minor: Mapped[int]
    amount_minor: Mapped[int]
    serviced_on: Mapped[date | None]


class CreditRow(Base):
    """A credit. `used_minor` equals the sum of its allocations, reversed ones included, and of what was sent back of
    it: what a reversal sets free becomes a credit of its own.
    """

    __tablename__ = "credits"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('goodwill', 'overpayment', 'voided_invoice', 'reversed_payment', 'restored_payment')",
            name="kind",
        ),
        CheckConstraint("amount_minor > 0", name="amount_above_zero"),
        CheckConstraint("used_minor BETWEEN 0 AND amount_minor", name="never_overspent"),
        Index(
            "ix_credits_open",
            "customer_id",
            "granted_on",
            postgresql_where=text("used_minor < amount_minor"),
            sqlite_where=text("used_minor < amount_minor"),
        ),
        Index("ix_credits_granted", "customer_id", "granted_on", "credit_id"),
    )

    credit_id: Mapped[str] = mapped_column(ID, primary_key=True)
    customer_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    used_minor: Mapped[int]
    granted_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    # The payment, voided invoice or return it came from.
    source_id: Mapped[str | None] = mapped_column(ID)
    origin: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    version: Mapped[int]


class ReceivedPaymentRow(Base):
    """A payment whose money has arrived, once a payment id.

    Σ its allocations, reversed ones included, + the credit with its id as source = its amount.
    """

    __tablename__ = "received_payments"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_above_zero"),)

    payment_id: Mapped[str] = mapped_column(ID, primary_key=True)
    customer_id: Mapped[str] = mapped_column(ID)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    effective_on: Mapped[date]
    origin: Mapped[str] = mapped_column(String(10))
    allocated_at: Mapped[datetime]


class AllocationRow(Base):
    """Part of a payment or credit on one invoice. Rows are never deleted; a reversed one counts no longer."""

    __tablename__ = "allocations"
    __table_args__ = (
        CheckConstraint("source IN ('payment', 'credit')", name="source"),
        CheckConstraint("amount_minor > 0", name="amount_above_zero"),
        CheckConstraint("(reversed_at IS NULL) = (reversal_id IS NULL)", name="reversed_whole"),
        Index("ix_allocations_invoice_id", "invoice_id"),
        Index("ix_allocations_source_id", "source_id"),
    )

    allocation_id: Mapped[str] = mapped_column(ID, primary_key=True)
    source: Mapped[str] = mapped_column(String(10))
    source_id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoices.invoice_id"))
    invoice_number: Mapped[str] = mapped_column(String(64))
    amount_minor: Mapped[int]
    effective_on: Mapped[date]
    created_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]
    reversal_id: Mapped[str | None] = mapped_column(ID)


class ReturnRow(Base):
    """Money of a payment that left again, once a return id. `waiting`: the payment has not been heard of yet."""

    __tablename__ = "returns"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'taken', 'restored')", name="state"),
        CheckConstraint("amount_minor > 0", name="amount_above_zero"),
        Index("ix_returns_payment_id", "payment_id"),
    )

    return_id: Mapped[str] = mapped_column(ID, primary_key=True)
    payment_id: Mapped[str] = mapped_column(ID)
    customer_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[ReturnKind] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    amount_minor: Mapped[int]
    effective_on: Mapped[date]
    created_at: Mapped[datetime]
    # Invoices that it reopened, in the order in which restored money goes to them.
    reopened: Mapped[list[str]] = mapped_column(JSON)


class SentBackRow(Base):
    """The part of a credit that left with a return."""

    __tablename__ = "credits_sent_back"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_above_zero"),)

    credit_id: Mapped[str] = mapped_column(ForeignKey("credits.credit_id"), primary_key=True)
    return_id: Mapped[str] = mapped_column(ForeignKey("returns.return_id"), primary_key=True)
    amount_minor: Mapped[int]
    effective_on: Mapped[date]


class HoldRow(Base):
    """What is known of a payment before its money arrives. Without a customer: a release that came first."""

    __tablename__ = "holds"
    __table_args__ = (CheckConstraint("state IN ('held', 'released', 'settled')", name="state"),)

    payment_id: Mapped[str] = mapped_column(ID, primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(ID)
    state: Mapped[str] = mapped_column(String(10))
    amount_minor: Mapped[int]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class HeldInvoiceRow(Base):
    """An invoice set aside for a payment, and what the payment puts on it. One payment in force an invoice."""

    __tablename__ = "held_invoices"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        Index(
            "uq_held_invoices_in_force",
            "invoice_id",
            unique=True,
            postgresql_where=text("in_force"),
            sqlite_where=text("in_force = 1"),
        ),
    )

    payment_id: Mapped[str] = mapped_column(ForeignKey("holds.payment_id"), primary_key=True)
    invoice_id: Mapped[str] = mapped_column(ForeignKey("invoices.invoice_id"), primary_key=True)
    position: Mapped[int]
    number: Mapped[str] = mapped_column(String(64))
    amount_minor: Mapped[int]
    in_force: Mapped[bool]


class VisitRow(Base):
    """A visit. Date and times of day are those of the business's wall."""

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("state IN ('scheduled', 'completed', 'cancelled')", name="state"),
        CheckConstraint("(arrives_from IS NULL) = (arrives_until IS NULL)", name="window_whole"),
        CheckConstraint("arrives_from < arrives_until", name="window_forward"),
        CheckConstraint("(state = 'completed') = (completed_at IS NOT NULL)", name="completed_has_instant"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_instant"),
        CheckConstraint("line IS NULL OR invoice_id IS NOT NULL", name="line_of_an_invoice"),
        Index("ix_visits_days", "customer_id", "scheduled_on", "visit_id"),
        Index("ix_visits_invoice_id", "invoice_id"),
    )

    visit_id: Mapped[str] = mapped_column(ID, primary_key=True)
    customer_id: Mapped[str] = mapped_column(ID)
    # The business's own name for it, by which an import finds it again.
    reference: Mapped[str | None] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    scheduled_on: Mapped[date]
    arrives_from: Mapped[time | None]
    arrives_until: Mapped[time | None]
    service: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    # What the crew tells the customer.
    crew_note: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(Text)
    # The invoice that it became, and the position of the line that bills it.
    invoice_id: Mapped[str | None] = mapped_column(ForeignKey("invoices.invoice_id"))
    line: Mapped[int | None]
    # Grows with each event about it.
    version: Mapped[int]


class VisitFeedRow(Base):
    """A customer's calendar subscription. Its secret is made from `feed_id` and is not kept, only found by its hash."""

    __tablename__ = "visit_feeds"

    customer_id: Mapped[str] = mapped_column(ID, primary_key=True)
    feed_id: Mapped[str] = mapped_column(ID)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    # How often it was read in the hour that began then.
    hour_began_at: Mapped[datetime]
    reads: Mapped[int]


def is_held() -> ColumnElement[bool]:
    """Join an invoice with the payment that holds it, of which there is at most one."""
    return and_(HeldInvoiceRow.invoice_id == InvoiceRow.invoice_id, HeldInvoiceRow.in_force)
