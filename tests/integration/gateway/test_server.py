"""The gateway under its production server, started as docker-compose.yml starts it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
DEADLINE_S = 30.0


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket in the file system: no port is taken."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def ask(path: Path, page: str) -> tuple[int, str]:
    connection = UnixConnection(path)
    try:
        connection.request("GET", page)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PORCHLIGHT_GATEWAY_BIND": f"unix:{tmp_path / 'gateway.sock'}",
        "PORCHLIGHT_GATEWAY_WORKERS": "2",
        # Nobody listens there: pages before log-in need no broker.
        "PORCHLIGHT_BROKER_URL": "amqp://guest@127.0.0.1:1/",
        "PORCHLIGHT_PORTAL_URL": "http://localhost",
        "PORCHLIGHT_SECRET_KEY": "kTq2-9vXr-signs-cookies-in-tests",
        "PORCHLIGHT_BUSINESS_NAME": "Green Acres Lawn",
        "PORCHLIGHT_BUSINESS_EMAIL": "office@greenacres.test",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_of_the_tests",
    }


def command() -> list[str]:
    return [sys.executable, "-m", "gunicorn", "--config", "gateway/gunicorn.conf.py"]


@pytest.fixture
def gateway(environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    path = tmp_path / "gateway.sock"
    with subprocess.Popen(command(), cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        eventually(lambda: process.poll() is not None or _answers(path), DEADLINE_S)
        yield process, path
        if process.poll() is None:
            process.kill()


def _answers(path: Path) -> bool:
    try:
        return ask(path, "/livez")[0] == 200
    except OSError:
        return False


def test_pages_are_served_and_a_missing_broker_is_not_hidden(gateway):
    _, path = gateway
    status, page = ask(path, "/login")
    assert (status, "Green Acres Lawn" in page) == (200, True)
    assert ask(path, "/readyz")[0] == 503


def test_sigterm_ends_it_cleanly(gateway):
    process, _ = gateway
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=DEADLINE_S) == 0


def test_a_missing_setting_ends_the_start_and_is_named(environment):
    del environment["PORCHLIGHT_SECRET_KEY"]
    ended = subprocess.run(command(), cwd=ROOT, env=environment, capture_output=True, timeout=DEADLINE_S, check=False)
    assert ended.returncode != 0
    assert b"PORCHLIGHT_SECRET_KEY" in ended.stderr
