"""The whole service as a process of its own, over RabbitMQ and PostgreSQL."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from kombu import Connection

from chassis import topology
from chassis.database import Database
from chassis.ids import new_id
from chassis.rpc import RpcClient
from contracts import billing as wire
from contracts import codes
from contracts.topology import exchange_of, inbox_queue_of
from contracts.wire import Event, Refused
from tests.support.balance import fact
from tests.support.billing import CUSTOMER, TODAY, line, paid_as_held
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]


@pytest.fixture
def database(migrated_database: Callable[[str], str]) -> Iterator[Database]:
    database = Database(migrated_database("services.billing.migrations"))
    yield database
    database.close()


@pytest.fixture
def process(amqp_url: str, database: Database, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with Connection(amqp_url) as connection:
        topology.declare_all(connection.channel())
    environment = os.environ | {
        "PORCHLIGHT_BROKER_URL": amqp_url,
        "PORCHLIGHT_BILLING_DATABASE_URL": database.url,
        "PORCHLIGHT_LINK_SECRET": "Zk81-key-of-links-7Qw",
        "PORCHLIGHT_LOG_FORMAT": "text",
    }
    log = tmp_path / "billing.log"
    with log.open("wb") as output:
        running = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "services.billing"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        yield running
        if running.poll() is None:
            running.kill()
            running.wait(20)


@pytest.fixture
def client(amqp_url: str, process: subprocess.Popen[bytes]) -> Iterator[RpcClient]:
    client = RpcClient(amqp_url)

    def answers() -> bool:
        assert process.poll() is None, "billing ended"
        try:
            return client.call(wire.ListDrafts()).invoices == []
        except Refused as refused:
            if refused.code != codes.UNAVAILABLE:
                raise
            return False

    eventually(answers)
    yield client
    client.close()


def publish(amqp_url: str, event: Event) -> None:
    _, envelope = fact(event)
    with Connection(amqp_url) as connection:
        connection.Producer().publish(
            msgspec.json.encode(envelope),
            exchange=exchange_of(event.owner),
            routing_key=event.fact,
            content_type="application/json",
            content_encoding="utf-8",
        )


def test_a_hold_over_rpc_and_its_money_as_an_event_twice(
    client: RpcClient, amqp_url: str, process: subprocess.Popen[bytes]
):
    draft = client.call(
        wire.CreateInvoice(key=new_id(), customer_id=CUSTOMER, issued_on=TODAY, due_on=TODAY, lines=[line(5_000)])
    )
    sent = client.call(wire.SendInvoice(invoice_id=draft.summary.invoice_id))
    hold = client.call(wire.HoldInvoices(payment_id=new_id(), customer_id=CUSTOMER, currency="USD", amount_minor=5_000))
    with pytest.raises(Refused) as refused:
        client.call(wire.HoldInvoices(payment_id=new_id(), customer_id=CUSTOMER, currency="USD", amount_minor=5_000))
    assert refused.value.code == codes.ALREADY_BEING_PAID
    paid = paid_as_held(hold)
    publish(amqp_url, paid)
    publish(amqp_url, paid)
    view = wire.GetInvoice(customer_id=CUSTOMER, invoice_id=sent.summary.invoice_id)
    eventually(lambda: client.call(view).summary.open_minor == 0)
    assert [part.amount_minor for part in client.call(view).allocations] == [5_000]
    with Connection(amqp_url) as connection:
        channel = connection.channel()

        def waiting(listener: str) -> int:
            return int(channel.queue_declare(queue=inbox_queue_of(listener), passive=True).message_count)

        eventually(lambda: waiting("billing") == 0)
        # For balance, which does not run here: invoice_sent, payment_allocated once, and the payment itself twice.
        eventually(lambda: waiting("balance") == 4)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
