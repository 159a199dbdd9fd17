"""visit reminders"""

import sqlalchemy as sa
from alembic import op

from chassis.tables import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "visit_reminders",
        sa.Column("visit_id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("visit", sa.Text(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("told_as", sa.String(length=100), nullable=True),
        sa.Column("lapses_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit_reminders")),
    )
    for name, column in (("due", "due_at"), ("lapsing", "lapses_at")):
        op.create_index(
            f"ix_visit_reminders_{name}",
            "visit_reminders",
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
            sqlite_where=sa.text(f"{column} IS NOT NULL"),
        )
