"""The books after the storm: the same money at Stripe, in payments, billing and balance, and nothing left open."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import psycopg2
import psycopg2.extras

from porchlight.local_stack import LocalStack

_LEFT_OPEN = {
    "payments": """SELECT payment_id, state FROM payments
                   WHERE state NOT IN ('succeeded', 'failed', 'cancelled') AND customer_id = ANY(%s)""",
    "billing": """SELECT payment_id, state FROM holds WHERE state = 'held' AND customer_id = ANY(%s)""",
    "notify": "SELECT source_id, state FROM deliveries WHERE state <> 'delivered' AND customer_id = ANY(%s)",
}


class Books:
    """Reads the services' databases, of some customers."""

    def __init__(self, stack: LocalStack, customers: Iterable[str]) -> None:
        self._stack = stack
        self._customers = list(customers)

    def rows(self, database: str, query: str) -> list[Any]:
        """Rows of a query about the customers (its one parameter)."""
        url = self._stack.postgres.url_for(database).replace("+psycopg2", "")
        connection = psycopg2.connect(url, cursor_factory=psycopg2.extras.NamedTupleCursor)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, (self._customers,))
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def pass_time(self, minutes: int) -> None:
        """Let time pass for what waits by the clock, as if its rows were older. payments is not running meanwhile."""
        for database, table, columns in (
            ("payments", "payments", ("created_at", "leased_until", "next_check_at")),
            ("payments", "stripe_events", ("next_try_at",)),
            ("notify", "deliveries", ("next_try_at",)),
            *((each, "parked_events", ("next_try_at",)) for each in ("billing", "balance", "payments", "notify")),
        ):
            changes = ", ".join(f"{column} = {column} - interval '{minutes} minutes'" for column in columns)
            mine = "customer_id = ANY(%s)" if table in ("payments", "deliveries") else "%s::text[] IS NOT NULL"
            self.rows(database, f"UPDATE {table} SET {changes} WHERE {mine}")

    def left_open(self) -> list[str]:
        """What is not at its end: payments, holds, messages, events."""
        found = [f"{name}: {row}" for name, query in _LEFT_OPEN.items() for row in self.rows(name, query)]
        for name in ("billing", "balance", "payments", "notify"):
            waiting = "SELECT event_id, name, attempts, last_error FROM parked_events WHERE %s::text[] IS NOT NULL"
            found += [f"{name} parked: {row}" for row in self.rows(name, waiting)]
        in_force = """SELECT held_invoices.* FROM held_invoices JOIN invoices USING (invoice_id)
                      WHERE in_force AND customer_id = ANY(%s)"""
        return found + [f"billing: {row}" for row in self.rows("billing", in_force)]

    def payments(self) -> list[Any]:
        """Every payment: payment_id, key, state, amount_minor, and refusal where it was refused before it began."""
        columns = "payment_id, key, state, amount_minor, refusal"
        return self.rows("payments", f"SELECT {columns} FROM payments WHERE customer_id = ANY(%s)")

    def received_in_payments(self) -> dict[str, int]:
        """What payments has received, by payment."""
        return {row.payment_id: row.amount_minor for row in self.payments() if row.state == "succeeded"}

    def received_in_billing(self) -> dict[str, int]:
        """What billing has put on invoices or kept as credit, by payment."""
        query = """SELECT source_id AS payment_id, sum(amount_minor)::bigint AS amount_minor FROM (
                       SELECT source_id, amount_minor, customer_id FROM allocations WHERE source = 'payment'
                       UNION ALL SELECT source_id, amount_minor, customer_id FROM credits WHERE kind = 'overpayment'
                   ) AS put WHERE customer_id = ANY(%s) GROUP BY source_id"""
        return {row.payment_id: row.amount_minor for row in self.rows("billing", query)}

    def received_in_balance(self) -> dict[str, int]:
        """What the ledger has posted, by payment."""
        query = """SELECT source_id, sum(postings.amount_minor)::bigint AS amount_minor
                   FROM ledger_transactions JOIN ledger_postings AS postings USING (event_id)
                   WHERE account = 'cash' AND postings.customer_id = ANY(%s) GROUP BY source_id"""
        return {row.source_id: row.amount_minor for row in self.rows("balance", query)}

    def credits(self) -> list[Any]:
        """Credits: nobody here agreed to pay more than was open, so one means an invoice that was paid twice."""
        return self.rows("billing", "SELECT * FROM credits WHERE customer_id = ANY(%s)")

    def wrong_invoices(self) -> list[Any]:
        """Invoices whose kept sum is not the sum of their allocations."""
        query = """SELECT number, total_minor, allocated_minor, sum(allocations.amount_minor) AS put
                   FROM invoices LEFT JOIN allocations USING (invoice_id)
                   WHERE invoices.customer_id = ANY(%s) AND reversed_at IS NULL GROUP BY invoice_id
                   HAVING allocated_minor <> coalesce(sum(allocations.amount_minor), 0)"""
        return self.rows("billing", query)

    def open_differences(self) -> list[str]:
        """Invoices whose open amount is another in balance than in billing."""
        sent = "SELECT invoice_id, total_minor - allocated_minor AS open FROM invoices"
        in_billing = self.rows("billing", f"{sent} WHERE state = 'sent' AND customer_id = ANY(%s)")
        in_balance = self.rows("balance", "SELECT invoice_id, open_minor FROM open_items WHERE customer_id = ANY(%s)")
        ours = {row.invoice_id: row.open for row in in_billing}
        theirs = {row.invoice_id: row.open_minor for row in in_balance}
        return [f"{each}: {ours.get(each)} and {theirs.get(each)}" for each in ours.keys() | theirs.keys()
                if ours.get(each) != theirs.get(each)]  # fmt: skip

    def receipts(self) -> Counter[str]:
        """How many receipts notify has delivered, by payment."""
        query = "SELECT source_id FROM deliveries WHERE kind = 'receipt' AND customer_id = ANY(%s)"
        return Counter(row.source_id for row in self.rows("notify", query))
