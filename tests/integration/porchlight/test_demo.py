"""The demo as a process: it answers beside other commands, has its folder to itself, and stops cleanly."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.porchlight.test_command import run

READY_WITHIN_S = 60


class Demo:
    """A running demo, with what it has printed."""

    def __init__(self, process: subprocess.Popen[str], log: Path, home: Path) -> None:
        self.process, self.log, self.home = process, log, home
        self.portal = self._wait_for(r"The portal +(\S+)")

    def _wait_for(self, pattern: str) -> str:
        give_up_at = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < give_up_at:
            if "Ready after" in (text := self.log.read_text()) and (found := re.search(pattern, text)):
                return found[1]
            assert self.process.poll() is None, text
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with (tmp_path / "log").open("w") as log:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORCHLIGHT_", "STRIPE_"))}
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "porchlight", "demo"],
            env={**kept, "PORCHLIGHT_HOME": str(tmp_path / "home")},
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield Demo(process, tmp_path / "log", tmp_path / "home")
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(150)
def test_a_command_beside_a_running_demo_goes_through_it_and_a_second_demo_does_not_start(demo, tmp_path):
    with urllib.request.urlopen(f"{demo.portal}/login") as page:
        assert b"Contact Us" in page.read()
    listed = run(demo.home, "accounts", "--format", "csv")
    assert listed.returncode == 0, listed.stderr
    rows = listed.stdout.splitlines()
    assert len(rows) == 31
    assert "GA-1001,26700,18250,0" in rows
    second = run(demo.home, "demo")
    assert second.returncode == 1
    assert "is the demo running already?" in second.stderr
    sheet = tmp_path / "more.csv"
    sheet.write_text("customer,number,issued_on,due_on,total\nGA-1001,M1,2026-01-05,2026-02-04,10\n")
    added = run(demo.home, "import", "invoices", str(sheet), "--today", "2026-01-06", "--errors", str(tmp_path / "e"))
    assert added.returncode == 0, added.stderr
    assert "GA-1001,27700,19250,0" in run(demo.home, "accounts", "--format", "csv").stdout


@pytest.mark.timeout(150)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly_and_a_start_finds_everything_again(demo, number):
    demo.process.send_signal(number)
    assert demo.process.wait(timeout=30) == 0
    assert demo.log.read_text().rstrip().endswith("stopped")
    assert "GA-1001,26700,18250,0" in run(demo.home, "accounts", "--format", "csv").stdout


@pytest.mark.timeout(150)
def test_after_kill_9_nothing_is_lost(demo, tmp_path):
    sheet = tmp_path / "more.csv"
    sheet.write_text("customer,number,issued_on,due_on,total\nGA-1001,M1,2026-01-05,2026-02-04,10\n")
    options = ("--today", "2026-01-06", "--errors", str(tmp_path / "e"))
    assert run(demo.home, "import", "invoices", str(sheet), *options).returncode == 0
    demo.process.kill()
    demo.process.wait()
    assert "GA-1001,27700,19250,0" in run(demo.home, "accounts", "--format", "csv").stdout
    assert run(demo.home, "ledger", "check").returncode == 0
