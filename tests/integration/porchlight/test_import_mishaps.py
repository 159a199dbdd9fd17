"""Imports that go wrong as a whole, or are cut short: what is said, and that nothing is lost or taken twice."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_loop import Commands, commands
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
HEADER = "customer,number,issued_on,due_on,total\n"
TODAY = ("--today", "2026-03-01")
GENEROUS_S = 90.0
SOON_S = 20.0
"""Less than the services' grace period, which passes when Ctrl-C has hit one of them instead of the command."""


@pytest.fixture(scope="module")
def porchlight() -> Iterator[Commands]:
    with commands() as running:
        yield running


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    file = tmp_path / "invoices.csv"
    file.write_text(HEADER + "C1,N1,2026-01-05,2026-02-04,-1\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("errors", "said"),
    [("absent/e.csv", "cannot be written"), (".", "is a folder"), ("invoices.csv", "is the file to import")],
)
def test_where_bad_rows_go_is_looked_at_before_anything_is_taken(porchlight, tmp_path, sheet, errors, said):
    before = sheet.read_bytes()
    ran = porchlight.run(
        tmp_path / "home", "import", "invoices", str(sheet), "--create-customers", "--errors", str(tmp_path / errors)
    )
    assert ran.code == 2
    assert said in ran.complaints
    assert sheet.read_bytes() == before
    assert not (tmp_path / "home").exists()


def test_a_file_without_rows_says_so(porchlight, tmp_path, sheet):
    sheet.write_text(HEADER, encoding="utf-8")
    ran = porchlight.run(tmp_path / "home", "import", "invoices", str(sheet), "--errors", str(tmp_path / "e.csv"))
    assert (ran.code, ran.output.strip()) == (0, "invoices.csv has no rows under its header: nothing to import")


def test_ctrl_c_in_the_middle_says_what_to_do_and_the_same_command_takes_the_rest(porchlight, tmp_path, sheet):
    rows = [f"C{number % 50},N{number},2026-01-05,2026-02-04,1.00" for number in range(6_000)]
    sheet.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    home = tmp_path / "home"
    command = ("import", "invoices", str(sheet), "--create-customers", "--errors", str(tmp_path / "e.csv"), *TODAY)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PORCHLIGHT_", "STRIPE_"))}
    said = tmp_path / "said"
    with said.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "porchlight", *command],
            cwd=ROOT,
            env={**environ, "PORCHLIGHT_HOME": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
        try:
            eventually(lambda: invoices_in(home) > 0 or process.poll() is not None, GENEROUS_S)
            process.send_signal(signal.SIGINT)
            assert process.wait(SOON_S) == 130
        finally:
            process.kill()
    complaints = said.read_text(encoding="utf-8")
    assert "run the same command again: nothing is taken twice" in complaints
    assert "Traceback" not in complaints
    assert 0 < invoices_in(home) < len(rows)

    again = porchlight.run(home, *command)
    assert again.code == 0, again.complaints
    accounts = porchlight.run(home, "accounts", "--format", "csv", *TODAY).output.splitlines()[1:]
    assert sum(int(line.split(",")[1]) for line in accounts) == 100 * len(rows)


def invoices_in(home: Path) -> int:
    file = home / "billing.sqlite"
    if not file.exists():
        return 0
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)
    try:
        return int(connection.execute("SELECT count(*) FROM invoices").fetchone()[0])
    except sqlite3.OperationalError:
        # Not migrated yet.
        return 0
    finally:
        connection.close()
