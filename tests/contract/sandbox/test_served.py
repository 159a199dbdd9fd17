"""The sandbox as its own process and inside a patched one: what it keeps, how it drops answers, how it ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from sandbox.settings import Settings, SettingsError
from tests.contract.sandbox.conftest import BY_CARD
from tests.support.openapi import PROJECT
from tests.support.sandbox import TIMEOUT_S
from tests.support.waiting import eventually

PAID: Any = {
    "amount": 1000,
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "automatic_payment_methods": BY_CARD,
    "confirm": True,
}
EMBEDDED = """
import eventlet
eventlet.monkey_patch()
import eventlet.wsgi
from sandbox.app import create_app
from sandbox.settings import Settings
settings = Settings.from_environment()
eventlet.wsgi.server(eventlet.listen((settings.host, settings.port)), create_app(settings), log_output=False)
"""
SERVERS = {"gunicorn": ["-m", "sandbox"], "eventlet": ["-W", "ignore", "-c", EMBEDDED]}


@contextmanager
def started(server: str, folder: Path, **variables: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SANDBOX_")},
        "SANDBOX_PORT": str(port),
        "SANDBOX_FOLDER": str(folder),
        **variables,
    }
    with (folder.parent / f"{server}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *SERVERS[server]], cwd=PROJECT, env=environment, stdout=log, stderr=log
        )
        address = f"http://127.0.0.1:{port}"
        try:
            eventually(lambda: answers(address))
            yield address, process
        finally:
            process.kill()
            process.wait(TIMEOUT_S)


def answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/livez", timeout=1).ok
    except requests.ConnectionError:
        return False


def client(address: str) -> Any:
    return stripe.StripeClient(
        Settings().stripe_secret_key,
        base_addresses={"api": f"{address}/stripe"},
        http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
        max_network_retries=0,
    )


@pytest.mark.parametrize("server", SERVERS)
def test_what_was_paid_and_said_is_there_after_a_kill(server, tmp_path):
    with started(server, tmp_path / "state") as (address, _):
        paid = client(address).v1.payment_intents.create(PAID, {"idempotency_key": "k"})
        requests.post(
            f"{address}/mailbox/messages",
            data=b"To: ana@example.com\r\nSubject: Hello\r\n\r\nHello",
            headers={"Content-Type": "message/rfc822"},
            timeout=TIMEOUT_S,
        )
    with started(server, tmp_path / "state") as (address, _):
        v1 = client(address).v1
        again = v1.payment_intents.create(PAID, {"idempotency_key": "k"})
        assert again.id == paid.id
        assert again.last_response.headers["Idempotent-Replayed"] == "true"
        assert v1.payment_intents.retrieve(paid.id).status == "succeeded"
        assert v1.payment_methods.retrieve(paid.payment_method).card.last4 == "4242"
        mails = requests.get(f"{address}/mailbox/api/messages", timeout=TIMEOUT_S).json()["messages"]
        assert [each["subject"] for each in mails] == ["Hello"]


@pytest.mark.parametrize("server", SERVERS)
def test_a_dropped_answer_is_a_broken_connection(server, tmp_path):
    with started(server, tmp_path / "state") as (address, _):
        requests.post(f"{address}/control/faults", json={"action": "drop", "path": "/v1/"}, timeout=TIMEOUT_S)
        with pytest.raises(stripe.APIConnectionError):
            client(address).v1.payment_intents.create(PAID)
        assert [each.status for each in client(address).v1.payment_intents.list().data] == ["succeeded"]


@pytest.mark.parametrize("server", SERVERS)
def test_webhooks_leave_and_slow_answers_hold_nobody_up(server, tmp_path, listener):
    url = f"{listener.address}/webhooks/stripe"
    with started(server, tmp_path / "state", SANDBOX_STRIPE_WEBHOOK_URL=url) as (address, _):
        rule = {"action": "delay", "delay_s": 3, "path": "/v1/payment_intents"}
        requests.post(f"{address}/control/faults", json=rule, timeout=TIMEOUT_S)
        hasty = stripe.StripeClient(
            Settings().stripe_secret_key,
            base_addresses={"api": f"{address}/stripe"},
            http_client=stripe.RequestsClient(timeout=0.3),
            max_network_retries=0,
        )
        with pytest.raises(stripe.APIConnectionError):
            hasty.v1.payment_intents.create(PAID)
        assert len(listener.wait_for(3)) >= 3
        assert client(address).v1.payment_intents.list().data[0].status == "succeeded"


def test_it_ends_when_told_to(tmp_path):
    with started("gunicorn", tmp_path / "state") as (address, process):
        client(address).v1.customers.create({})
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT_S) == 0


def test_a_setting_that_cannot_be_used_is_named(tmp_path):
    for variable, value in (("SANDBOX_PORT", "many"), ("SANDBOX_STRIPE_SECRET_KEY", "sk_live_1")):
        ended = subprocess.run(
            [sys.executable, "-m", "sandbox"],
            cwd=PROJECT,
            env={**os.environ, variable: value},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert ended.returncode == 2
        assert variable in ended.stderr
        assert "Traceback" not in ended.stderr


def test_settings_are_read_from_the_environment(tmp_path):
    found = Settings.from_environment(
        {
            "SANDBOX_FOLDER": str(tmp_path),
            "SANDBOX_STRIPE_WEBHOOK_EVENTS": "charge.succeeded, charge.failed",
            "SANDBOX_WEBHOOK_DUPLICATE_EVERY": "0",
            "SANDBOX_WEBHOOK_RETRY_S": "2.5",
            "SANDBOX_PORT": "",
            "UNRELATED": "x",
        }
    )
    assert found.folder == tmp_path
    assert found.stripe_webhook_events == ("charge.succeeded", "charge.failed")
    assert (found.webhook_duplicate_every, found.webhook_retry_s, found.port) == (0, 2.5, 8020)
    with pytest.raises(SettingsError, match="SANDBOX_STRIPE_WEBHOOK_SECRET"):
        Settings(stripe_webhook_secret="secret")


def test_secrets_are_not_in_the_settings_text():
    text = repr(Settings(stripe_secret_key="sk_test_hidden", twilio_auth_token="hidden-token"))
    assert "sk_test_hidden" not in text
    assert "hidden-token" not in text
