"""The books after the storm: the same money at Stripe, in payments, billing and balance, and nothing left open."""

from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, text
from sqlalchemy.orm import Session

from chassis.database import Database
from chassis.tables import UtcDateTime
from porchlight.migrations import database_variable
from tests.support.chaos.portal import Portal

_LEFT_OPEN = {
    "payments": """SELECT payment_id, state FROM payments
                   WHERE state NOT IN ('succeeded', 'failed', 'cancelled') AND customer_id IN :customers""",
    "billing": "SELECT payment_id, state FROM holds WHERE state = 'held' AND customer_id IN :customers",
    "notify": "SELECT source_id, state FROM deliveries WHERE state <> 'delivered' AND customer_id IN :customers",
}
_LISTENERS = ("billing", "balance", "payments", "notify")


class Books:
    """Reads the services' databases, of some customers; PostgreSQL or SQLite."""

    def __init__(self, portal: Portal, customers: Iterable[str]) -> None:
        self._portal = portal
        self._customers = list(customers)

    def rows(self, database: str, query: str, *, within_s: float = 0.0) -> list[Any]:
        """Rows of a query, which may name `:customers`, and `:soon`, which is so many seconds from now."""
        soon = datetime.now(UTC) + timedelta(seconds=within_s)
        known = [
            bindparam("customers", self._customers, expanding=True),
            bindparam("soon", soon, type_=UtcDateTime()),
        ]
        found = [parameter for parameter in known if f":{parameter.key}" in query]
        statement = text(query).bindparams(*found)
        with closing(self._database(database)) as there, self._session(there, query) as session:
            answer = cast("CursorResult[Any]", session.execute(statement))
            return [SimpleNamespace(**row._mapping) for row in answer] if answer.returns_rows else []

    def pass_time(self, minutes: int) -> None:
        """Let time pass for what waits by the clock, as if its rows were older. payments is not running meanwhile."""
        for database, table, columns in (
            ("payments", "payments", ("created_at", "leased_until", "next_check_at")),
            ("payments", "stripe_events", ("next_try_at",)),
            ("notify", "deliveries", ("next_try_at",)),
            *((each, "parked_events", ("next_try_at",)) for each in _LISTENERS),
        ):
            changes = ", ".join(f"{column} = {self._earlier(database, column, minutes)}" for column in columns)
            mine = " WHERE customer_id IN :customers" if table in ("payments", "deliveries") else ""
            self.rows(database, f"UPDATE {table} SET {changes}{mine}")

    def _earlier(self, database: str, column: str, minutes: int) -> str:
        if self._database(database).is_sqlite:
            # As SQLAlchemy writes a datetime there: with six digits of the second.
            return rf"strftime('%Y-%m-%d %H\:%M\:%f', {column}, '-{minutes} minutes') || '000'"
        return f"{column} - interval '{minutes} minutes'"

    def _session(self, database: Database, query: str) -> AbstractContextManager[Session]:
        # What only reads keeps no writer of SQLite waiting.
        return database.read() if query.startswith("SELECT") else database.transaction()

    def _database(self, name: str) -> Database:
        return Database(self._portal.environment(name)[database_variable(name)])

    def left_open(self) -> list[str]:
        """What is not at its end: payments, holds, messages, events."""
        found = [f"{name}: {row}" for name, query in _LEFT_OPEN.items() for row in self.rows(name, query)]
        for name in _LISTENERS:
            waiting = "SELECT event_id, name, attempts, last_error FROM parked_events"
            found += [f"{name} parked: {row}" for row in self.rows(name, waiting)]
        in_force = """SELECT held_invoices.* FROM held_invoices JOIN invoices USING (invoice_id)
                      WHERE in_force AND customer_id IN :customers"""
        return found + [f"billing: {row}" for row in self.rows("billing", in_force)]

    def payments(self) -> list[Any]:
        """Every payment: payment_id, key, state, amount_minor, and refusal where it was refused before it began."""
        columns = "payment_id, key, state, amount_minor, refusal"
        return self.rows("payments", f"SELECT {columns} FROM payments WHERE customer_id IN :customers")

    def received_in_payments(self) -> dict[str, int]:
        """What payments has received, by payment."""
        return {row.payment_id: row.amount_minor for row in self.payments() if row.state == "succeeded"}

    def received_in_billing(self) -> dict[str, int]:
        """What billing has put on invoices or kept as credit, by payment."""
        query = """SELECT source_id AS payment_id, CAST(sum(amount_minor) AS bigint) AS amount_minor FROM (
                       SELECT source_id, amount_minor, customer_id FROM allocations WHERE source = 'payment'
                       UNION ALL SELECT source_id, amount_minor, customer_id FROM credits WHERE kind = 'overpayment'
                   ) AS put WHERE customer_id IN :customers GROUP BY source_id"""
        return {row.payment_id: row.amount_minor for row in self.rows("billing", query)}

    def received_in_balance(self) -> dict[str, int]:
        """What the ledger has posted, by payment."""
        query = """SELECT source_id, CAST(sum(postings.amount_minor) AS bigint) AS amount_minor
                   FROM ledger_transactions JOIN ledger_postings AS postings USING (event_id)
                   WHERE account = 'cash' AND postings.customer_id IN :customers GROUP BY source_id"""
        return {row.source_id: row.amount_minor for row in self.rows("balance", query)}

    def credits(self) -> list[Any]:
        """Credits: nobody here agreed to pay more than was open, so one means an invoice that was paid twice."""
        return self.rows("billing", "SELECT * FROM credits WHERE customer_id IN :customers")

    def wrong_invoices(self) -> list[Any]:
        """Invoices whose kept sum is not the sum of their allocations."""
        query = """SELECT number, total_minor, allocated_minor, sum(allocations.amount_minor) AS put
                   FROM invoices LEFT JOIN allocations USING (invoice_id)
                   WHERE invoices.customer_id IN :customers AND reversed_at IS NULL GROUP BY invoice_id
                   HAVING allocated_minor <> coalesce(sum(allocations.amount_minor), 0)"""
        return self.rows("billing", query)

    def open_differences(self) -> list[str]:
        """Invoices whose open amount is another in balance than in billing."""
        sent = "SELECT invoice_id, total_minor - allocated_minor AS open FROM invoices"
        in_billing = self.rows("billing", f"{sent} WHERE state = 'sent' AND customer_id IN :customers")
        in_balance = self.rows(
            "balance", "SELECT invoice_id, open_minor FROM open_items WHERE customer_id IN :customers"
        )
        ours = {row.invoice_id: row.open for row in in_billing}
        theirs = {row.invoice_id: row.open_minor for row in in_balance}
        return [f"{each}: {ours.get(each)} and {theirs.get(each)}" for each in ours.keys() | theirs.keys()
                if ours.get(each) != theirs.get(each)]  # fmt: skip

    def receipts(self) -> Counter[str]:
        """How many receipts notify has delivered, by payment."""
        query = "SELECT source_id FROM deliveries WHERE kind = 'receipt' AND customer_id IN :customers"
        return Counter(row.source_id for row in self.rows("notify", query))
