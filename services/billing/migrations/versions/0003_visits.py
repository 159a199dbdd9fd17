"""visits, and their calendar subscriptions"""

import sqlalchemy as sa
from alembic import op

from chassis.tables import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("visit_id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("scheduled_on", sa.Date(), nullable=False),
        sa.Column("arrives_from", sa.Time(), nullable=True),
        sa.Column("arrives_until", sa.Time(), nullable=True),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("crew_note", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.String(length=36), nullable=True),
        sa.Column("line", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('scheduled', 'completed', 'cancelled')", name=op.f("ck_visits_state")),
        sa.CheckConstraint("(arrives_from IS NULL) = (arrives_until IS NULL)", name=op.f("ck_visits_window_whole")),
        sa.CheckConstraint("arrives_from < arrives_until", name=op.f("ck_visits_window_forward")),
        sa.CheckConstraint(
            "(state = 'completed') = (completed_at IS NOT NULL)", name=op.f("ck_visits_completed_has_instant")
        ),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_visits_cancelled_has_instant")
        ),
        sa.CheckConstraint("line IS NULL OR invoice_id IS NOT NULL", name=op.f("ck_visits_line_of_an_invoice")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.invoice_id"], name=op.f("fk_visits_invoice_id_invoices")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visits")),
        sa.UniqueConstraint("reference", name=op.f("uq_visits_reference")),
    )
    op.create_index("ix_visits_days", "visits", ["customer_id", "scheduled_on", "visit_id"])
    op.create_index("ix_visits_invoice_id", "visits", ["invoice_id"])
    op.create_table(
        "visit_feeds",
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("feed_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("hour_began_at", UtcDateTime(), nullable=False),
        sa.Column("reads", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_visit_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_visit_feeds_token_hash")),
    )
