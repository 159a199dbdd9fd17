"""`porchlight up`, the command behind `make up`: the demo as separate processes, with what it prints being true."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from porchlight.private_servers import find_postgres, find_rabbitmq
from porchlight.walk.browser import Browser
from tests.support.levels import leave_out
from tests.support.waiting import eventually

READY_WITHIN_S = 180
SERVICES = {"identity", "billing", "balance", "payments", "notify", "gateway", "sandbox"}


SOON_S = 30
"""Less than it takes to start on a busy machine."""


@pytest.fixture
def starting(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command, just called; its output goes to the file `log`."""
    if find_postgres() is None:
        leave_out("PostgreSQL", "postgresql")
    if find_rabbitmq() is None:
        leave_out("RabbitMQ", "rabbitmq-server")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORCHLIGHT_", "STRIPE_"))}
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "porchlight", "up"], env=kept, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        # Asked, not killed: it alone can end what it has started.
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.fixture
def up(starting: subprocess.Popen[bytes], tmp_path: Path) -> subprocess.Popen[bytes]:
    """The command, ready."""
    log = tmp_path / "log"

    def is_ready() -> bool:
        assert starting.poll() is None, log.read_text()
        return len(re.findall(r" process \d+$", log.read_text(), re.MULTILINE)) == len(SERVICES)

    eventually(is_ready, timeout_s=READY_WITHIN_S)
    return starting


def said(log: Path, label: str) -> str:
    found = re.search(rf"^ *{label} +(?:export PORCHLIGHT_BROKER_URL=)?(\S+)", log.read_text(), re.MULTILINE)
    assert found, log.read_text()
    return found[1]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_demos_twin_has_its_data_serves_commands_and_leaves_nothing_behind(up, tmp_path):
    log = tmp_path / "log"
    browser = Browser(said(log, "The portal"))
    browser.open("/login")
    browser.submit("Log in", email=said(log, "Log in as"), password=said(log, "with"))
    browser.expect("Past Due", "$182.50", "$267.00")

    environment = {"PATH": os.environ["PATH"], "PORCHLIGHT_BROKER_URL": said(log, "For commands:")}
    command = [sys.executable, "-m", "porchlight", "accounts", "--format", "csv"]
    listed = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert len(listed.stdout.splitlines()) == 31, listed.stderr
    assert "GA-1001,26700,18250,0" in listed.stdout

    processes = {name: int(pid) for name, pid in re.findall(r"^ *(\w+) +process (\d+)$", log.read_text(), re.MULTILINE)}
    assert set(processes) == SERVICES
    assert all(is_alive(pid) for pid in processes.values())
    up.send_signal(signal.SIGINT)
    assert up.wait(60) == 0
    assert log.read_text().rstrip().endswith("stopped")
    assert [name for name, pid in processes.items() if is_alive(pid)] == []


@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_stopped_while_it_starts(starting, tmp_path, stop_signal):
    def children() -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{starting.pid}/task/{starting.pid}/children").read_text().split()]

    # RabbitMQ, its epmd and PostgreSQL run, or the services already.
    eventually(lambda: len(children()) >= 3, timeout_s=READY_WITHIN_S)
    begun = children()
    starting.send_signal(stop_signal)
    assert starting.wait(SOON_S) == 130
    assert (tmp_path / "log").read_text().splitlines()[-1] == "porchlight: stopped"
    eventually(lambda: not any(is_alive(pid) for pid in begun), what="the end of what was started")
