"""first tables"""

import sqlalchemy as sa
from alembic import op

from chassis.tables import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:

    op.create_table(
        "accounts",
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "business_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("frozen_at", UtcDateTime(), nullable=True),
        sa.Column("offset_s", sa.Float(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_clock")),
    )
    op.create_table(
        "command_keys",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_command_keys")),
    )
    op.create_table(
        "credits",
        sa.Column("credit_id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("used_minor", sa.BigInteger(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source_id", sa.String(length=36), nullable=True),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('goodwill', 'overpayment', 'voided_invoice')", name=op.f("ck_credits_kind")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_credits_amount_above_zero")),
        sa.CheckConstraint("used_minor BETWEEN 0 AND amount_minor", name=op.f("ck_credits_never_overspent")),
        sa.PrimaryKeyConstraint("credit_id", name=op.f("pk_credits")),
    )
    op.create_index(
        "ix_credits_open",
        "credits",
        ["customer_id", "granted_on"],
        unique=False,
        postgresql_where=sa.text("used_minor < amount_minor"),
        sqlite_where=sa.text("used_minor < amount_minor"),
    )
    op.create_table(
        "holds",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('held', 'released', 'settled')", name=op.f("ck_holds_state")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_holds")),
    )
    op.create_table(
        "inbox",
        sa.Column("listener", sa.String(length=50), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("handled_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("listener", "event_id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "invoices",
        sa.Column("invoice_id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("allocated_minor", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 'draft') = (sent_at IS NULL) OR state = 'void'", name=op.f("ck_invoices_sent_has_instant")
        ),
        sa.CheckConstraint("state IN ('draft', 'sent', 'void')", name=op.f("ck_invoices_state")),
        sa.CheckConstraint("allocated_minor BETWEEN 0 AND total_minor", name=op.f("ck_invoices_never_overpaid")),
        sa.CheckConstraint("total_minor > 0", name=op.f("ck_invoices_total_above_zero")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("number", name=op.f("uq_invoices_number")),
    )
    op.create_index(
        "ix_invoices_drafts",
        "invoices",
        ["issued_on", "invoice_id"],
        unique=False,
        postgresql_where=sa.text("state = 'draft'"),
        sqlite_where=sa.text("state = 'draft'"),
    )
    op.create_index(
        "ix_invoices_open",
        "invoices",
        ["customer_id", "due_on"],
        unique=False,
        postgresql_where=sa.text("state = 'sent' AND allocated_minor < total_minor"),
        sqlite_where=sa.text("state = 'sent' AND allocated_minor < total_minor"),
    )
    op.create_index("ix_invoices_visible", "invoices", ["customer_id", "issued_on", "invoice_id"], unique=False)
    op.create_table(
        "number_sequence",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("next_position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_sequence")),
    )
    op.create_table(
        "outbox",
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("aggregate_id", sa.String(length=100), nullable=False),
        sa.Column("aggregate_version", sa.BigInteger(), nullable=False),
        sa.Column("ordering_key", sa.String(length=100), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("cursor", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["event_id"],
        unique=False,
        postgresql_where=sa.text("published_at IS NULL"),
        sqlite_where=sa.text("published_at IS NULL"),
    )
    op.create_index("uq_outbox_cursor", "outbox", ["cursor"], unique=True)
    op.create_table(
        "outbox_feed",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_cursor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_feed")),
    )
    op.create_table(
        "parked_events",
        sa.Column("listener", sa.String(length=50), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("ordering_key", sa.String(length=100), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("parked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("listener", "event_id", name=op.f("pk_parked_events")),
    )
    op.create_index("ix_parked_events_next_try_at", "parked_events", ["next_try_at"], unique=False)
    op.create_table(
        "received_payments",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("allocated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_received_payments_amount_above_zero")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_received_payments")),
    )
    op.create_table(
        "allocations",
        sa.Column("allocation_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("source_id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("invoice_id", sa.String(length=36), nullable=False),
        sa.Column("invoice_number", sa.String(length=64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("reversed_at", UtcDateTime(), nullable=True),
        sa.Column("reversal_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint("source IN ('payment', 'credit')", name=op.f("ck_allocations_source")),
        sa.CheckConstraint("(reversed_at IS NULL) = (reversal_id IS NULL)", name=op.f("ck_allocations_reversed_whole")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_allocations_amount_above_zero")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.invoice_id"], name=op.f("fk_allocations_invoice_id_invoices")
        ),
        sa.PrimaryKeyConstraint("allocation_id", name=op.f("pk_allocations")),
    )
    op.create_index("ix_allocations_invoice_id", "allocations", ["invoice_id"], unique=False)
    op.create_index("ix_allocations_source_id", "allocations", ["source_id"], unique=False)
    op.create_table(
        "held_invoices",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("invoice_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_held_invoices_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.invoice_id"], name=op.f("fk_held_invoices_invoice_id_invoices")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["holds.payment_id"], name=op.f("fk_held_invoices_payment_id_holds")),
        sa.PrimaryKeyConstraint("payment_id", "invoice_id", name=op.f("pk_held_invoices")),
    )
    op.create_index(
        "uq_held_invoices_in_force",
        "held_invoices",
        ["invoice_id"],
        unique=True,
        postgresql_where=sa.text("in_force"),
        sqlite_where=sa.text("in_force = 1"),
    )
    op.create_table(
        "invoice_lines",
        sa.Column("invoice_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.String(length=20), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("serviced_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.invoice_id"], name=op.f("fk_invoice_lines_invoice_id_invoices")
        ),
        sa.PrimaryKeyConstraint("invoice_id", "position", name=op.f("pk_invoice_lines")),
    )
