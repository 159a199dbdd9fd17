"""Sending many invoices: from the first `SendInvoices` until balance and notify have recorded every one."""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extras import execute_values

from benchmarks import programs
from benchmarks.bench import Bench
from benchmarks.portal import Account, Portal, tag
from benchmarks.report import Target, table, targets_table
from chassis.migrations import upgrade
from contracts.billing import SendInvoices
from contracts.notify import CountDeliveries
from porchlight.connection import CALL_TIMEOUT_S
from porchlight.migrations import MIGRATIONS

INVOICES = 10_000
WITH_ADDRESSES = 2_000
STOCK_EVENTS = 3_000
CUSTOMERS = 500
SENT_TOGETHER = 500
ROUNDS = 2
PATIENCE_S = 180.0
POLL_S = 0.05

LEDGER = "SELECT count(*) FROM ledger_transactions WHERE kind = 'invoice'"
DELIVERIES = "SELECT count(*) FROM deliveries WHERE kind = 'invoice_sent'"


@dataclass(frozen=True, kw_only=True)
class Run:
    """How long one way took over how many events."""

    events: int
    seconds: float
    sending_s: float = 0.0

    @property
    def per_second(self) -> float:
        """Events a second, each recorded by both listeners."""
        return self.events / self.seconds


def measure(bench: Bench) -> str:
    """Measure ours between rounds of the others; return the tables."""
    portal = bench.portal
    ours: list[Run] = []
    stock: list[Run] = []
    bare: list[Run] = []
    for number in range(1, ROUNDS + 1):
        said = f"fan-out, round {number} of {ROUNDS}"
        bench.progress(f"{said}: importing {INVOICES:,} drafts")
        drafts = _drafts(portal, INVOICES, with_addresses=False)
        bench.progress(f"{said}: sending {INVOICES:,} invoices")
        ours.append(_send(portal, drafts))
        file = _events_file(portal)
        bench.progress(f"{said}: {STOCK_EVENTS:,} events through stock nameko")
        stock.append(_stock(portal, file, number))
        bench.progress(f"{said}: {INVOICES:,} events through bare py-amqp")
        bare.append(_bare(portal, file))
    bench.progress(f"fan-out: {WITH_ADDRESSES:,} invoices to customers with e-mail addresses")
    drafts = _drafts(portal, WITH_ADDRESSES, with_addresses=True)
    written = _send(portal, drafts)
    mailed_s = _wait_for_mail(portal)
    return "\n\n".join((_figures(ours, stock, bare, written, mailed_s), targets_table(_targets(ours, stock))))


def _drafts(portal: Portal, count: int, *, with_addresses: bool) -> list[str]:
    name = f"F{tag()}"
    accounts = [
        Account(
            reference=f"{name}-{place}",
            drafts=count // CUSTOMERS,
            email=f"{name.lower()}.{place}@customers.example" if with_addresses else None,
        )
        for place in range(CUSTOMERS)
    ]
    drafts = [draft for each in portal.load(accounts).values() for draft in each.drafts]
    assert len(drafts) == count
    return drafts


def _send(portal: Portal, drafts: Sequence[str]) -> Run:
    with portal.database("balance") as ledger, portal.database("notify") as deliveries:
        counters = [_counter(ledger, LEDGER), _counter(deliveries, DELIVERIES)]
        wanted = [count() + len(drafts) for count in counters]
        started = time.monotonic()
        for first in range(0, len(drafts), SENT_TOGETHER):
            command = SendInvoices(invoice_ids=list(drafts[first : first + SENT_TOGETHER]))
            results = portal.caller.call(command, timeout_s=CALL_TIMEOUT_S)
            assert all(result.status == "updated" for result in results)
        sending_s = time.monotonic() - started
        ended = _wait_for(counters, wanted)
    portal.settle()
    return Run(events=len(drafts), seconds=ended - started, sending_s=sending_s)


def _counter(cursor: Any, query: str) -> Callable[[], int]:
    def count() -> int:
        cursor.execute(query)
        return int(cursor.fetchone()[0])

    return count


def _wait_for(counters: Sequence[Callable[[], int]], wanted: Sequence[int]) -> float:
    """The monotonic time at which all counts are what is wanted."""
    give_up_at = time.monotonic() + PATIENCE_S
    for count, goal in zip(counters, wanted, strict=True):
        while (found := count()) < goal:
            if time.monotonic() > give_up_at:
                raise RuntimeError(f"{found} of {goal} events were recorded after {PATIENCE_S:.0f} s")
            time.sleep(POLL_S)
    return time.monotonic()


def _events_file(portal: Portal) -> Path:
    """The newest events as billing published them, a line each."""
    file = portal.stack.folder / "invoice-sent.jsonl"
    with portal.database("billing") as cursor:
        cursor.execute(
            "SELECT body FROM outbox WHERE name = 'billing.invoice_sent' ORDER BY event_id DESC LIMIT %s", (INVOICES,)
        )
        file.write_text("".join(f"{body}\n" for (body,) in cursor.fetchall()), encoding="utf-8")
    return file


def _stock(portal: Portal, file: Path, number: int) -> Run:
    events = file.with_name("stock-events.jsonl")
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)[:STOCK_EVENTS]
    events.write_text("".join(lines), encoding="utf-8")
    urls = {service: _fresh_database(portal, service, number) for service in ("balance", "notify")}
    _copy_contacts(portal, urls["notify"])
    broker_url = portal.stack.rabbitmq.url
    with ExitStack() as running:
        for service, url in urls.items():
            running.enter_context(
                programs.running("benchmarks.fan_out_contenders", "stock-listener", service, broker_url, url)
            )
        publisher = running.enter_context(
            programs.running("benchmarks.fan_out_contenders", "stock-publisher", broker_url, str(events))
        )
        connections = [running.enter_context(closing(psycopg2.connect(_plain(url)))) for url in urls.values()]
        for connection in connections:
            connection.autocommit = True
        queries = zip(connections, (LEDGER, DELIVERIES), strict=True)
        counters = [_counter(connection.cursor(), query) for connection, query in queries]
        programs.say_go(publisher)
        started = float(programs.said(publisher))
        ended = _wait_for(counters, [STOCK_EVENTS, STOCK_EVENTS])
    return Run(events=STOCK_EVENTS, seconds=ended - started)


def _fresh_database(portal: Portal, service: str, number: int) -> str:
    url = portal.stack.postgres.create_database(f"stock_{service}_{number}")
    upgrade(url, MIGRATIONS[service])
    return url


def _copy_contacts(portal: Portal, url: str) -> None:
    """The customers are known to the stock listener as they are to ours."""
    with portal.database("notify") as cursor:
        cursor.execute("SELECT customer_id, version, name, email FROM contacts")
        rows = cursor.fetchall()
    with closing(psycopg2.connect(_plain(url))) as connection, connection, connection.cursor() as cursor:
        execute_values(cursor, "INSERT INTO contacts (customer_id, version, name, email) VALUES %s", rows)


def _bare(portal: Portal, file: Path) -> Run:
    broker_url = portal.stack.rabbitmq.url
    with ExitStack() as running:
        listeners = [
            running.enter_context(
                programs.running("benchmarks.fan_out_contenders", "bare-listener", name, broker_url, str(INVOICES))
            )
            for name in ("balance", "notify")
        ]
        publisher = running.enter_context(
            programs.running("benchmarks.fan_out_contenders", "bare-publisher", broker_url, str(file))
        )
        programs.say_go(publisher)
        started = float(programs.said(publisher))
        ended = max(float(programs.said(listener)) for listener in listeners)
    return Run(events=INVOICES, seconds=ended - started)


def _wait_for_mail(portal: Portal) -> float:
    started = time.monotonic()
    while portal.caller.call(CountDeliveries(), timeout_s=CALL_TIMEOUT_S).get("queued"):
        if time.monotonic() - started > PATIENCE_S:
            raise RuntimeError(f"e-mails were still queued after {PATIENCE_S:.0f} s")
        time.sleep(0.2)
    return time.monotonic() - started


def _plain(url: str) -> str:
    return url.replace("+psycopg2", "")


def _figures(ours: Sequence[Run], stock: Sequence[Run], bare: Sequence[Run], written: Run, mailed_s: float) -> str:
    def row(title: str, runs: Sequence[Run]) -> list[str]:
        middle = statistics.median(run.seconds for run in runs)
        return [title, f"{runs[0].events:,}", f"{middle:.1f} s", f"{runs[0].events / middle:,.0f}/s"]

    header = ["invoice sent, recorded by balance and by notify", "events", "time", "events"]
    rows = [
        row("ours, the sending itself included", ours),
        row(
            "of that, until the last `SendInvoices` was answered",
            [Run(events=run.events, seconds=run.sending_s) for run in ours],
        ),
        row("ours, customers with addresses: mail goes out meanwhile", [written]),
        row("stock nameko: EventDispatcher, two `@event_handler`s; nothing is sent, only told", stock),
        row("bare py-amqp: pipelined confirms, two listeners that only count", bare),
    ]
    after = f"The last of the {written.events:,} e-mails was out {mailed_s:.1f} s after both had recorded all."
    return f"{table(header, rows)}\n\n{after}"


def _targets(ours: Sequence[Run], stock: Sequence[Run]) -> list[Target]:
    ratios = [own.per_second / other.per_second for own, other in zip(ours, stock, strict=True)]
    return [
        Target(what="events a second, over stock nameko's", value=statistics.median(ratios), bound=4.0),
        Target(
            what=f"{INVOICES:,} invoices sent and recorded",
            value=statistics.median(run.seconds for run in ours),
            bound=10.0,
            at_most=True,
            unit="s",
            digits=1,
        ),
    ]
