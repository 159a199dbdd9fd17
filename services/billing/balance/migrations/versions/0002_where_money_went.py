"""where money went: allocations in postings, voids and credits in months"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("ledger_postings", sa.Column("allocation_id", sa.String(length=36), nullable=True))
    op.create_index(
        "ix_ledger_postings_allocation",
        "ledger_postings",
        ["allocation_id"],
        unique=False,
        postgresql_where=sa.text("allocation_id IS NOT NULL"),
        sqlite_where=sa.text("allocation_id IS NOT NULL"),
    )
    op.create_index(
        "ix_ledger_transactions_kept",
        "ledger_transactions",
        ["reference"],
        unique=False,
        postgresql_where=sa.text("kind = 'credit_kept'"),
        sqlite_where=sa.text("kind = 'credit_kept'"),
    )
    for column, kind in (("voided_minor", "void"), ("credited_minor", "credit")):
        op.add_column("account_months", sa.Column(column, sa.BigInteger(), server_default="0", nullable=False))
        op.execute(_filled(column, kind))


def _filled(column: str, kind: str) -> str:
    """What the ledger has already is in the new column too: a page must not wait for a rebuild."""
    if op.get_bind().dialect.name == "postgresql":
        month = "CAST(date_trunc('month', t.effective_on) AS date)"
    else:
        month = "date(t.effective_on, 'start of month')"
    return (
        f"UPDATE account_months SET {column} = COALESCE((SELECT SUM(-t.amount_minor) FROM ledger_transactions t"  # noqa: S608
        f" WHERE t.customer_id = account_months.customer_id AND t.kind = '{kind}'"
        f" AND t.amount_minor <> 0 AND {month} = account_months.month), 0)"
    )
