"""notify as a process of its own: events from RabbitMQ, rows in PostgreSQL, e-mails to a mail server by STARTTLS."""

import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from kombu import Connection

from chassis import topology
from chassis.ids import new_id
from chassis.rpc import RpcClient
from contracts.notify import CountDeliveries
from contracts.topology import exchange_of
from contracts.wire import Event
from tests.support.mail_server import Server, authenticate
from tests.support.mail_server import running as running_mail
from tests.support.notify_events import allocated, arrival, contact, paid, sent, voided
from tests.support.processes import running, wait_until_it_answers
from tests.support.waiting import eventually

# Starting processes beside other work on the machine takes its time.
pytestmark = pytest.mark.timeout(180)


@dataclass
class House:
    """notify running, a client, and the mail server."""

    client: RpcClient
    mail: Server
    process: subprocess.Popen[bytes]
    amqp_url: str

    def publish(self, *events: Event) -> None:
        with Connection(self.amqp_url) as connection:
            producer = connection.Producer()
            for event in events:
                producer.publish(
                    msgspec.json.encode(arrival(event).envelope),
                    exchange=exchange_of(event.owner),
                    routing_key=event.fact,
                    content_type="application/json",
                    content_encoding="utf-8",
                )

    def counts(self) -> dict[str, int]:
        return {state: count for state, count in self.client.call(CountDeliveries(), 10).items() if count}


@pytest.fixture
def house(
    amqp_url: str, migrated_database: Callable[[str], str], certificate: tuple[Path, Path], tmp_path: Path
) -> Iterator[House]:
    with Connection(amqp_url) as connection:
        topology.declare_all(connection.channel())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate)
    mail = Server()
    options = {"tls_context": tls, "require_starttls": True, "auth_required": True, "authenticator": authenticate}
    client, log = RpcClient(amqp_url), tmp_path / "notify.log"
    with running_mail(mail, **options) as port:
        environment = {
            "SSL_CERT_FILE": str(certificate[0]),
            "PORCHLIGHT_BROKER_URL": amqp_url,
            "PORCHLIGHT_NOTIFY_DATABASE_URL": migrated_database("services.notify.migrations"),
            "PORCHLIGHT_MAIL_URL": f"smtp://green:s3cr3t@127.0.0.1:{port}",
            "PORCHLIGHT_MAIL_FROM": "Green Acres Lawn <office@greenacres.example>",
            "PORCHLIGHT_UNSUBSCRIBE_SECRET": "Wm3rT8-for-tests-only-q91Lz",
            "PORCHLIGHT_PORTAL_URL": "https://portal.greenacres.example",
            "PORCHLIGHT_BUSINESS_NAME": "Green Acres Lawn",
            "PORCHLIGHT_BUSINESS_EMAIL": "office@greenacres.example",
            "PORCHLIGHT_LOG_FORMAT": "text",
        }
        with running("services.notify", environment, log) as process:
            wait_until_it_answers(client, CountDeliveries(), process, log)
            yield House(client=client, mail=mail, process=process, amqp_url=amqp_url)
            client.close()
            assert "s3cr3t" not in log.read_text()


def test_invoices_and_receipts_go_out_encrypted_once_each(house: House):
    payment_id, void = new_id(), sent()
    house.publish(contact(), voided(void.invoice_id), void)
    house.publish(sent(), sent(), paid(payment_id), allocated(payment_id))
    eventually(lambda: house.counts() == {"delivered": 3}, timeout_s=60)
    assert len(house.mail.taken) == 3
    assert all(house.mail.was_encrypted)
    assert {envelope.mail_from for envelope in house.mail.taken} == {"office@greenacres.example"}


def test_many_invoices_are_all_recorded_and_all_sent(house: House):
    house.publish(contact())
    house.publish(*(sent(number=str(number)) for number in range(120)))
    eventually(lambda: house.counts() == {"delivered": 120}, timeout_s=100)
    assert len(house.mail.taken) == 120
    # Connections are used again and again.
    assert len(house.mail.sessions) <= 120 / 5


def test_the_command_shows_and_resends_over_the_broker_what_nobody_got(house: House):
    house.publish(contact(None), sent())
    eventually(lambda: house.counts() == {"unreachable": 1}, timeout_s=60)
    listed = porchlight(house, "messages", "failed", "--format", "json")
    assert listed.returncode == 1
    (message,) = json.loads(listed.stdout)
    assert message["why"] == "no e-mail address on file"

    house.publish(contact("ana@example.com", version=2))

    def is_resent() -> bool:
        # The address may still be on its way.
        return porchlight(house, "messages", "resend", message["message"]).returncode == 0

    eventually(is_resent, timeout_s=60)
    eventually(lambda: house.counts() == {"delivered": 1}, timeout_s=60)
    assert len(house.mail.taken) == 1


def porchlight(house: House, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "porchlight", *arguments],
        cwd=Path(__file__).resolve().parents[3],
        env={"PATH": os.environ["PATH"], "PORCHLIGHT_BROKER_URL": house.amqp_url},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_it_stops_cleanly_when_asked_to(house: House):
    house.process.send_signal(signal.SIGTERM)
    assert house.process.wait(40) == 0
