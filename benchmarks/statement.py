"""A statement asked of a ledger of 10 and of 10,000 transactions, and 60 lines of it set as PDF."""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.report import Target, table, targets_table
from chassis.database import Database
from chassis.ids import new_id
from chassis.migrations import upgrade
from contracts.balance import GetStatement
from contracts.billing import InvoiceLine, InvoiceSent
from contracts.payments import PaymentSucceeded
from contracts.wire import Envelope, Event
from gateway.papers.printing import print_paper
from services.billing.balance import operations
from services.billing.balance.statements import statement

ROUNDS = 15
LINES = 60
TODAY = date(2026, 11, 28)
ACCOUNTS = {10: "ten", 10_000: "ten-thousand"}
"""Customers by how many transactions they have."""


def measure(bench: Bench) -> str:
    """Fill a ledger, ask and set; return the tables."""
    bench.progress("statement: a ledger with accounts of 10 and of 10,000 transactions")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'balance.sqlite'}"
        upgrade(url, "services.billing.balance.migrations")
        database = Database(url)
        for transactions, customer_id in ACCOUNTS.items():
            _fill(database, customer_id, transactions)
        figures = {
            (period, transactions): _p50_ms(partial(_ask, database, customer_id, period))
            for period in ("this_month", "all")
            for transactions, customer_id in ACCOUNTS.items()
        }
        database.close()
    paper_ms = _p50_ms(lambda: print_paper("statement", _paper(), made_at=datetime(2026, 11, 28, tzinfo=UTC)))
    rows = [
        [f"statement, {period.replace('_', ' ')}, 50 rows of an account of {transactions:,}", f"{took_ms:.1f} ms"]
        for (period, transactions), took_ms in figures.items()
    ]
    rows.append([f"PDF of a statement of {LINES} lines", f"{paper_ms:.0f} ms"])
    target = Target(what=f"PDF of {LINES} lines", value=paper_ms / 1000, bound=0.3, at_most=True, unit="s")
    return f"{table(['p50, one at a time, in the process', ''], rows)}\n\n{targets_table([target])}"


def _ask(database: Database, customer_id: str, period: Any) -> None:
    with database.snapshot() as session:
        command = GetStatement(customer_id=customer_id, period=period)
        statement(session, command, currency="USD", today=TODAY, included=True)


def _fill(database: Database, customer_id: str, transactions: int) -> None:
    """Invoices and payments in turns, the last one today, evenly back over four years."""
    facts = [_fact(customer_id, number, transactions) for number in range(transactions)]
    for start in range(0, transactions, 500):
        with database.transaction() as session:
            operations.post(session, facts[start : start + 500])


def _fact(customer_id: str, number: int, transactions: int) -> tuple[Event, Envelope]:
    on = TODAY - timedelta(days=(transactions - 1 - number) * 4 * 365 // transactions)
    event: Event
    if number % 2:
        event = PaymentSucceeded(
            payment_id=new_id(),
            customer_id=customer_id,
            currency="USD",
            amount_minor=8450,
            method="check",
            received_on=on,
            effective_on=on,
            invoices=[],
            card_brand=None,
            card_last4=None,
            reference="",
            origin="import",
        )
    else:
        event = InvoiceSent(
            invoice_id=new_id(),
            customer_id=customer_id,
            number=str(number),
            currency="USD",
            total_minor=8450,
            issued_on=on,
            due_on=on + timedelta(days=30),
            sent_at=datetime.combine(on, datetime.min.time(), tzinfo=UTC),
            effective_on=on,
            lines=[InvoiceLine(description="Mowing", unit_price_minor=8450, amount_minor=8450)],
            memo="",
            origin="import",
        )
    return event, Envelope(
        event_id=new_id(),
        name=event.event_name,
        schema_version=event.schema_version,
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
        aggregate_id="bench",
        aggregate_version=1,
        ordering_key=customer_id,
        correlation_id="",
        payload={},
    )


def _paper() -> dict[str, Any]:
    """What the gateway passes for a statement of sixty lines, a payment's use under every other one."""
    lines = [
        {
            "day": "Nov 28, 2026",
            "what": f"Invoice {number}",
            "detail": "Mowing ×2, edging",
            "applied": ["$84.50 on invoice 1042"] if number % 2 else [],
            "amount": "+$84.50",
            "balance": "$267.00",
        }
        for number in range(LINES)
    ]
    return {
        "title": "Statement",
        "heading": "Account history / Customer Statement",
        "lang": "en",
        "paper_size": "us-letter",
        "business": {"name": "Green Acres", "lines": ["212 Prairie Ave"], "color": "#1f5f8b"},
        "period": "This year",
        "facts": [("For", "Ana Whitfield")],
        "summary": [("Opening balance", "$0.00"), ("Closing balance", "$267.00")],
        "lines": lines,
        "nothing": "",
        "aging": [("Not late", "$267.00")],
        "note": "",
    }


def _p50_ms(job: Callable[[], object]) -> float:
    job()
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        job()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)
