"""Making a thousand customers a million: copies inside each service's database, of the tables that pages read.

Ids are made from the old id and the copy's number, the same in every service, so that the copies belong together.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg2
from psycopg2 import sql


@dataclass(frozen=True, kw_only=True)
class Cloned:
    """A table whose rows are copied: which columns hold ids, which texts must stay unique, which rows are meant."""

    service: str
    table: str
    ids: tuple[str, ...] = ("customer_id",)
    texts: tuple[str, ...] = ()
    only: str = "true"


TABLES = (
    Cloned(service="identity", table="customers", texts=("reference",)),
    Cloned(service="billing", table="accounts"),
    Cloned(service="billing", table="invoices", ids=("invoice_id", "customer_id"), texts=("number",)),
    Cloned(service="billing", table="invoice_words", ids=("invoice_id", "customer_id")),
    Cloned(service="billing", table="visits", ids=("visit_id", "customer_id"), texts=("reference",)),
    Cloned(service="balance", table="accounts"),
    Cloned(service="balance", table="account_months"),
    Cloned(service="balance", table="open_items", ids=("invoice_id", "customer_id")),
    # Allocations change no balance: they are no lines of the history, and no page reads them.
    Cloned(
        service="balance",
        table="ledger_transactions",
        ids=("event_id", "source_id", "customer_id"),
        only="old.kind <> 'allocation'",
    ),
    Cloned(service="payments", table="customers"),
    Cloned(service="payments", table="payments", ids=("payment_id", "customer_id"), texts=("external_key",)),
)


def clone(urls: dict[str, str], customer_ids: Sequence[str], *, copies: int) -> None:
    """Copy these customers `copies` times. `urls` are the databases by service; they are analysed afterwards."""
    with ThreadPoolExecutor(len(TABLES)) as threads:
        done = [threads.submit(_clone, urls[each.service], each, customer_ids, copies) for each in TABLES]
        for each in done:
            each.result()


def _clone(url: str, cloned: Cloned, customer_ids: Sequence[str], copies: int) -> None:
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    # Outside a transaction, for VACUUM.
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            # What refers to what was right in the originals; checking each copy would take minutes.
            cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '256MB'")
            cursor.execute(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
                (cloned.table,),
            )
            columns = [name for (name,) in cursor.fetchall()]
            indexes = _indexes(cursor, cloned.table)
            for name, _ in indexes:
                cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
            statement = sql.SQL(
                "INSERT INTO {table} ({columns}) SELECT {values}"
                " FROM generate_series(1, %s) AS copy (n), {table} AS old WHERE old.customer_id = ANY(%s) AND {only}"
            ).format(
                only=sql.SQL(cloned.only),
                table=sql.Identifier(cloned.table),
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                values=sql.SQL(", ").join(_value(cloned, column) for column in columns),
            )
            cursor.execute(statement, (copies, list(customer_ids)))
            for _, definition in indexes:
                cursor.execute(definition)
            cursor.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(cloned.table)))
    finally:
        connection.close()


def _indexes(cursor: "psycopg2.extensions.cursor", table: str) -> list[tuple[str, str]]:
    """Name and definition of the indexes that no constraint needs: made in one go afterwards, which is faster."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        (table,),
    )
    return cursor.fetchall()


def _value(cloned: Cloned, column: str) -> sql.Composable:
    old = sql.SQL("old.{}").format(sql.Identifier(column))
    if column in cloned.ids:
        # Ascending, as the portal's own ids are; 36 characters.
        return sql.SQL("lpad(to_hex(n), 8, '0') || '-' || substr(md5({old} || n), 1, 27)").format(old=old)
    if column in cloned.texts:
        return sql.SQL("{old} || '-' || n").format(old=old)
    return old
