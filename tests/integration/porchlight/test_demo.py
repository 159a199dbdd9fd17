"""The demo as a process: it answers beside other commands, has its folder to itself, and stops cleanly."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from porchlight.walk.browser import Browser
from porchlight.walk.outside import MailboxReader
from tests.integration.porchlight.test_command import run
from tests.support.processes import busy_share
from tests.support.waiting import eventually

READY_WITHIN_S = 60
IDLE_SHARE = 0.03


class Demo:
    """A running demo, with what it has printed."""

    def __init__(self, process: subprocess.Popen[str], log: Path, home: Path) -> None:
        self.process, self.log, self.home = process, log, home
        eventually(self._is_ready, timeout_s=READY_WITHIN_S)
        self.portal = self.said("The portal")

    def said(self, label: str) -> str:
        """What is printed behind a label."""
        found = re.search(rf"^ *{label} +(\S+)", self.log.read_text(), re.MULTILINE)
        assert found, self.log.read_text()
        return found[1]

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return "Ready after" in self.log.read_text()


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """A demo that has said where everything is."""
    with beginning_demo(folder) as process:
        yield Demo(process, folder / "log", folder / "home")


@contextmanager
def beginning_demo(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A demo just started; killed when the block ends."""
    with (folder / "log").open("w") as log:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORCHLIGHT_", "STRIPE_"))}
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "porchlight", "demo"],
            env={**kept, "PORCHLIGHT_HOME": str(folder / "home")},
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo of the test's own, which may be ended."""
    with running_demo(tmp_path) as demo:
        yield demo


@pytest.fixture(scope="module")
def lasting_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One for all tests that only look at it."""
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.mark.timeout(150)
def test_the_printed_addresses_answer_and_the_printed_log_in_works(lasting_demo):
    for label in ("Mailbox", "Sandbox"):
        with urllib.request.urlopen(lasting_demo.said(label)) as page:
            assert page.status == 200
    browser = Browser(lasting_demo.portal)
    browser.open("/login")
    browser.submit("Log in", email=lasting_demo.said("Log in as"), password=lasting_demo.said("with"))
    browser.expect("Past Due", "$182.50", "$267.00")
    browser.open("/billing-info")
    browser.expect("Visa ·· 4242")


@pytest.mark.timeout(150)
def test_it_does_next_to_nothing_while_nobody_asks_for_anything(lasting_demo):
    # What the start has left to do is done first, however busy the machine is.
    eventually(lambda: busy_share(lasting_demo.process.pid, for_s=3) < IDLE_SHARE, timeout_s=60)
    assert busy_share(lasting_demo.process.pid, for_s=6) < IDLE_SHARE


@pytest.mark.timeout(150)
def test_a_command_beside_a_running_demo_goes_through_it_and_a_second_demo_does_not_start(lasting_demo, tmp_path):
    with urllib.request.urlopen(f"{lasting_demo.portal}/login") as page:
        assert b"Contact Us" in page.read()
    listed = run(lasting_demo.home, "accounts", "--format", "csv")
    assert listed.returncode == 0, listed.stderr
    rows = listed.stdout.splitlines()
    assert len(rows) == 31
    assert "GA-1001,26700,18250,0" in rows
    second = run(lasting_demo.home, "demo")
    assert second.returncode == 1
    assert "is the demo running already?" in second.stderr
    sheet = tmp_path / "more.csv"
    sheet.write_text("customer,number,issued_on,due_on,total\nNEW-1,M1,2026-01-05,2026-02-04,10\n")
    options = ("--create-customers", "--today", "2026-01-06", "--errors", str(tmp_path / "e"))
    added = run(lasting_demo.home, "import", "invoices", str(sheet), *options)
    assert added.returncode == 0, added.stderr
    assert "NEW-1,1000,1000,0" in run(lasting_demo.home, "accounts", "--format", "csv").stdout


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


@pytest.mark.timeout(150)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 0)])
def test_a_first_start_that_was_ended_while_it_loaded_is_made_up_for_by_the_next(tmp_path, number, code):
    home = tmp_path / "home"
    with beginning_demo(tmp_path) as starting:
        eventually(lambda: invoices_in(home), timeout_s=READY_WITHIN_S)
        starting.send_signal(number)
        assert starting.wait(timeout=30) == code
    assert "Ready after" not in (tmp_path / "log").read_text()
    with running_demo(tmp_path):
        rows = run(home, "accounts", "--format", "csv").stdout.splitlines()
        assert len(rows) == 31
        assert "GA-1001,26700,18250,0" in rows
    with running_demo(tmp_path) as third:
        assert "loading thirty" not in third.log.read_text()


@pytest.mark.timeout(150)
def test_the_printed_log_in_works_again_after_the_customer_chose_another_password(demo, tmp_path):
    email, mailbox = demo.said("Log in as"), MailboxReader(demo.said("Sandbox"))
    browser = Browser(demo.portal)
    browser.open("/forgot-password")
    browser.submit("Submit", email=email)
    links = mailbox.wait_for(email, "your link to choose a new password")["links"]
    browser.open(next(link for link in links if "/set-password/" in link))
    browser.submit("Submit", password="other orchard 77", again="other orchard 77")
    demo.process.terminate()
    demo.process.wait()
    with running_demo(tmp_path) as second:
        browser = Browser(second.portal)
        browser.open("/login")
        browser.submit("Log in", email=email, password=second.said("with"))
        browser.expect("Past Due")


def invoices_in(home: Path) -> bool:
    """Whether billing has the first of the demo's invoices."""
    try:
        with closing(sqlite3.connect(f"file:{home / 'billing.sqlite'}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("SELECT count(*) FROM invoices").fetchone()[0])
    except sqlite3.OperationalError:
        return False
