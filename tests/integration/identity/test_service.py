"""identity and notify as processes of their own: from a customer's row to a session, with the e-mail in between."""

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from kombu import Connection

from chassis import topology
from chassis.rpc import RpcClient
from contracts import codes
from contracts import identity as wire
from contracts.notify import CountDeliveries, ListDeliveries
from contracts.wire import Refused
from tests.support.mailbox import Mailbox, running_mailbox
from tests.support.notify_mail import text_of
from tests.support.processes import running, wait_until_it_answers
from tests.support.waiting import eventually

# Starting processes beside other work on the machine takes its time.
pytestmark = pytest.mark.timeout(180)

PASSWORD = "seven-geese-in-a-row"
ANA = wire.CustomerRow(row=1, reference="A-1", name="Ana Lima", email="ana@example.com")


@dataclass
class House:
    """Both services running, a client, and the mailbox that the e-mails go to."""

    client: RpcClient
    mailbox: Mailbox
    identity: subprocess.Popen[bytes]
    notify: subprocess.Popen[bytes]

    def customer(self) -> str:
        (result,) = self.client.call(wire.ImportCustomers(rows=[ANA]), 10)
        assert result.id is not None
        return result.id

    def link(self, purpose: wire.LinkPurpose) -> tuple[EmailMessage, str]:
        """Ask for a link and wait for the e-mail; its message and token."""
        before = len(self.mailbox.messages)
        self.client.call(wire.RequestLink(email="ANA@example.com", purpose=purpose, ip_address="192.0.2.1"), 10)
        eventually(lambda: len(self.mailbox.messages) > before)
        message = self.mailbox.messages[-1]
        found = re.search(r"https://portal\.greenacres\.example/set-password/([\w-]{43})\s", text_of(message))
        assert found is not None
        return message, found[1]


@pytest.fixture
def house(amqp_url: str, migrated_database: Callable[[str], str], tmp_path: Path) -> Iterator[House]:
    with Connection(amqp_url) as connection:
        topology.declare_all(connection.channel())
    client = RpcClient(amqp_url)
    with running_mailbox() as mailbox:
        environment = {
            "PORCHLIGHT_BROKER_URL": amqp_url,
            "PORCHLIGHT_IDENTITY_DATABASE_URL": migrated_database("services.identity.migrations"),
            "PORCHLIGHT_NOTIFY_DATABASE_URL": migrated_database("services.notify.migrations"),
            "PORCHLIGHT_LINK_SECRET": "k2Jq8vXw91hfTz-for-tests-only",
            "PORCHLIGHT_MAIL_URL": f"mailbox+http://127.0.0.1:{mailbox.server_port}/mailbox/messages",
            "PORCHLIGHT_MAIL_FROM": "Green Acres Lawn <office@greenacres.example>",
            "PORCHLIGHT_UNSUBSCRIBE_SECRET": "Wm3rT8-for-tests-only-q91Lz",
            "PORCHLIGHT_PORTAL_URL": "https://portal.greenacres.example",
            "PORCHLIGHT_BUSINESS_NAME": "Green Acres Lawn",
            "PORCHLIGHT_BUSINESS_EMAIL": "office@greenacres.example",
            "PORCHLIGHT_LOG_FORMAT": "text",
        }
        logs = tmp_path / "identity.log", tmp_path / "notify.log"
        with (
            running("services.identity", environment, logs[0]) as identity,
            running("services.notify", environment, logs[1]) as notify,
        ):
            wait_until_it_answers(client, wire.GetBusinessClock(), identity, logs[0])
            wait_until_it_answers(client, CountDeliveries(), notify, logs[1])
            yield House(client=client, mailbox=mailbox, identity=identity, notify=notify)
            client.close()
            assert PASSWORD not in logs[0].read_text() + logs[1].read_text()


def test_a_customer_signs_up_logs_in_forgets_the_password_and_is_let_in_again(house: House):
    customer_id = house.customer()
    message, token = house.link("sign_up")
    assert message["To"] == "Ana Lima <ana@example.com>"
    assert message["Subject"] == "Your link to sign up with Green Acres Lawn"
    house.client.call(wire.SetPassword(token=token, password=PASSWORD), 10)
    opened = house.client.call(wire.LogIn(email="ana@example.com", password=PASSWORD, ip_address="192.0.2.1"), 10)
    check = wire.CheckSession(session_token=opened.session_token, customer_id=customer_id)
    assert house.client.call(check).name == "Ana Lima"

    message, token = house.link("reset")
    assert message["Subject"] == "Your link to choose a new password for Green Acres Lawn"
    house.client.call(wire.SetPassword(token=token, password="nine-ducks-by-the-pond"), 10)
    with pytest.raises(Refused) as refusal:
        house.client.call(check)
    assert refusal.value.code == codes.WRONG_CREDENTIALS
    house.client.call(wire.LogIn(email="ana@example.com", password="nine-ducks-by-the-pond"), 10)
    sent = [("password_changed", "delivered"), ("reset_link", "delivered"), ("sign_up_link", "delivered")]
    eventually(lambda: deliveries_of(house, customer_id) == sent)


def deliveries_of(house: House, customer_id: str) -> list[tuple[str, str]]:
    deliveries = house.client.call(ListDeliveries(customer_id=customer_id)).deliveries
    return [(each.kind, each.state) for each in deliveries]


def test_a_link_arrives_soon_after_it_was_asked_for(house: House):
    house.customer()
    house.link("sign_up")
    took_s = []
    for _ in range(3):
        asked_at = time.monotonic()
        house.link("sign_up")
        took_s.append(time.monotonic() - asked_at)
    # Woken at each step, nothing polled: far less than the five seconds after which the worker looks by itself.
    assert min(took_s) < 4


def test_both_stop_cleanly_when_asked_to(house: House):
    for process in (house.identity, house.notify):
        process.send_signal(signal.SIGTERM)
    assert house.identity.wait(40) == 0
    assert house.notify.wait(40) == 0
