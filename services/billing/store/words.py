"""The words that invoices are found by."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.billing.domain.invoice import Invoice
from services.billing.models import InvoiceWordRow
from services.billing.store.rows import insert_ignoring_conflicts, is_postgres

# One statement with an array a column: thousands of rows a bulk command, and building VALUES for them took longer
# than inserting them.
_FROM_ARRAYS = text(
    "INSERT INTO invoice_words (invoice_id, word, customer_id)"
    " SELECT * FROM unnest(CAST(:invoice_id AS varchar[]), CAST(:word AS varchar[]), CAST(:customer_id AS varchar[]))"
    " ON CONFLICT DO NOTHING"
)


def insert_words(session: Session, words: Mapping[str, Sequence[str]], invoices: Mapping[str, Invoice]) -> None:
    """Insert the words of `invoices` that have just been sent, both by invoice id."""
    rows = [(invoice_id, word, invoices[invoice_id].customer_id) for invoice_id in words for word in words[invoice_id]]
    if not rows:
        return
    names = ("invoice_id", "word", "customer_id")
    if is_postgres(session):
        columns = zip(*rows, strict=True)
        session.execute(_FROM_ARRAYS, {name: list(column) for name, column in zip(names, columns, strict=True)})
        return
    statement = insert_ignoring_conflicts(session, InvoiceWordRow)
    session.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])
