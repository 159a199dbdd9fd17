"""lists that are searched and sorted"""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from contracts.billing import InvoiceLine
from services.billing.domain.invoice import Invoice
from services.billing.domain.words import words_of_invoice

revision = "0002"
down_revision = "0001"

_OPEN = "state = 'sent' AND allocated_minor < total_minor"
_PAID = "state = 'sent' AND allocated_minor = total_minor"
_INDEXES = (
    ("ix_invoices_open", _OPEN, ["customer_id", "due_on", "invoice_id"]),
    ("ix_invoices_open_by_issue", _OPEN, ["customer_id", "issued_on", "invoice_id"]),
    ("ix_invoices_open_by_total", _OPEN, ["customer_id", "total_minor", "issued_on", "invoice_id"]),
    ("ix_invoices_partly_paid", f"{_OPEN} AND allocated_minor > 0", ["customer_id"]),
    ("ix_invoices_paid_by_issue", _PAID, ["customer_id", "issued_on", "invoice_id"]),
    ("ix_invoices_paid_by_due", _PAID, ["customer_id", "due_on", "invoice_id"]),
    ("ix_invoices_paid_by_total", _PAID, ["customer_id", "total_minor", "issued_on", "invoice_id"]),
    ("ix_invoices_void", "state = 'void'", ["customer_id", "issued_on", "invoice_id"]),
)
_BATCH = 500


def upgrade() -> None:
    op.create_table(
        "invoice_words",
        sa.Column("invoice_id", sa.String(length=36), nullable=False),
        sa.Column(
            "word", sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.invoice_id"], name=op.f("fk_invoice_words_invoice_id_invoices")
        ),
        sa.PrimaryKeyConstraint("invoice_id", "word", name=op.f("pk_invoice_words")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_invoice_words_found", "invoice_words", ["customer_id", "word", "invoice_id"])
    _keep_words_of_what_was_sent_before(op.get_bind())
    op.drop_index("ix_invoices_open", "invoices")
    for name, where, columns in _INDEXES:
        condition = sa.text(where)
        op.create_index(name, "invoices", columns, postgresql_where=condition, sqlite_where=condition)
    op.create_index("ix_credits_granted", "credits", ["customer_id", "granted_on", "credit_id"])


def _keep_words_of_what_was_sent_before(connection: sa.Connection) -> None:
    # With today's rule for words, which is the one that searches will use.
    metadata = sa.MetaData()
    invoices = sa.Table("invoices", metadata, autoload_with=connection)
    lines = sa.Table("invoice_lines", metadata, autoload_with=connection)
    words = sa.Table("invoice_words", metadata, autoload_with=connection)
    after = ""
    while True:
        query = sa.select(invoices).where(invoices.c.sent_at.is_not(None), invoices.c.invoice_id > after)
        found = connection.execute(query.order_by(invoices.c.invoice_id).limit(_BATCH)).all()
        if not found:
            return
        after = found[-1].invoice_id
        of_invoice: dict[str, list[InvoiceLine]] = defaultdict(list)
        ids = [row.invoice_id for row in found]
        for line in connection.execute(sa.select(lines).where(lines.c.invoice_id.in_(ids)).order_by(lines.c.position)):
            described = InvoiceLine(
                description=line.description, unit_price_minor=line.unit_price_minor, amount_minor=line.amount_minor
            )
            of_invoice[line.invoice_id].append(described)
        connection.execute(
            words.insert(),
            [
                {"customer_id": row.customer_id, "word": word, "invoice_id": row.invoice_id}
                for row in found
                for word in words_of_invoice(Invoice(**row._mapping), of_invoice[row.invoice_id])
            ],
        )
