"""money that left again"""

import sqlalchemy as sa
from alembic import op

from chassis.tables import UtcDateTime

revision = "0004"
down_revision = "0003"


KINDS = "kind IN ('goodwill', 'overpayment', 'voided_invoice', 'reversed_payment', 'restored_payment')"


def upgrade() -> None:
    _more_kinds_of_credits()
    op.create_table(
        "returns",
        sa.Column("return_id", sa.String(length=36), nullable=False),
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("reopened", sa.JSON(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'taken', 'restored')", name=op.f("ck_returns_state")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_returns_amount_above_zero")),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_returns")),
    )
    with op.batch_alter_table("returns", schema=None) as batch_op:
        batch_op.create_index("ix_returns_payment_id", ["payment_id"], unique=False)
    op.create_table(
        "credits_sent_back",
        sa.Column("credit_id", sa.String(length=36), nullable=False),
        sa.Column("return_id", sa.String(length=36), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_credits_sent_back_amount_above_zero")),
        sa.ForeignKeyConstraint(
            ["credit_id"], ["credits.credit_id"], name=op.f("fk_credits_sent_back_credit_id_credits")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.return_id"], name=op.f("fk_credits_sent_back_return_id_returns")
        ),
        sa.PrimaryKeyConstraint("credit_id", "return_id", name=op.f("pk_credits_sent_back")),
    )


def _more_kinds_of_credits() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_credits_kind"), "credits", type_="check")
        op.create_check_constraint(op.f("ck_credits_kind"), "credits", KINDS)
        return
    # SQLite cannot change a constraint: the table is copied into one that has the new one.
    with op.batch_alter_table("credits", copy_from=_credits(), recreate="always"):
        pass


def _credits() -> sa.Table:
    return sa.Table(
        "credits",
        sa.MetaData(),
        sa.Column("credit_id", sa.String(length=36), primary_key=True),
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
        sa.CheckConstraint(KINDS, name=op.f("ck_credits_kind")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_credits_amount_above_zero")),
        sa.CheckConstraint("used_minor BETWEEN 0 AND amount_minor", name=op.f("ck_credits_never_overspent")),
        sa.Index("ix_credits_granted", "customer_id", "granted_on", "credit_id"),
        sa.Index("ix_credits_open", "customer_id", "granted_on", sqlite_where=sa.text("used_minor < amount_minor")),
    )
