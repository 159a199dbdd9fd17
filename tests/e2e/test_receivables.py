"""A published receivables history, imported as a business would, against the truth computed from the file alone."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from contracts.notify import CountDeliveries
from porchlight.local_stack import LocalStack
from tests.support.command_loop import Commands, commands
from tests.support.receivables import FILE, IMPORT_OPTIONS, due_dates, needs_receivables, printed, truth

pytestmark = [needs_receivables, pytest.mark.timeout(300)]

MONTH_ENDS = [date(2012, month, 1) - timedelta(days=1) for month in (3, 5, 7, 9, 11)] + [
    date(2013, month, 1) - timedelta(days=1) for month in (1, 3, 5, 7, 9, 11)
]
BUSY = due_dates()[:: len(due_dates()) // 5][:5] if FILE.exists() else []
AROUND_DUE_DATES = sorted({day + timedelta(days=shift) for day in BUSY for shift in (-1, 0, 1)})
DATES = sorted({*MONTH_ENDS, *AROUND_DUE_DATES, date(2013, 6, 30)})
AFRESH, ADVANCING = DATES[::2], DATES[1::2]


@pytest.fixture(scope="module")
def porchlight() -> Iterator[Commands]:
    with commands() as running:
        yield running


def test_there_are_dates_enough_in_both_ways():
    assert len(AFRESH) >= 12
    assert len(ADVANCING) >= 12


@pytest.mark.parametrize("today", AFRESH, ids=str)
def test_imported_afresh_every_customer_owes_the_truth(porchlight, tmp_path, today):
    report = bring_along(porchlight, tmp_path, today)
    assert "customers created: 50" in report
    assert "invoices created: 1244" in report
    assert owed(porchlight, tmp_path, today) == truth(today)


def test_imported_again_and_again_with_a_later_today_every_customer_owes_the_truth(porchlight, tmp_path):
    for today in ADVANCING:
        bring_along(porchlight, tmp_path, today)
        assert owed(porchlight, tmp_path, today) == truth(today), today
    # And every day that is past is still what it was.
    for day in ADVANCING[::4]:
        assert owed(porchlight, tmp_path, day) == truth(day), day


def test_twice_in_a_row_is_the_same_and_nobody_is_written_to_or_charged(porchlight, tmp_path):
    today = date(2013, 6, 30)
    bring_along(porchlight, tmp_path, today)
    first = owed(porchlight, tmp_path, today)
    again = bring_along(porchlight, tmp_path, today)
    assert "created" not in again
    assert "updated" not in again
    assert owed(porchlight, tmp_path, today) == first == truth(today)
    assert count(tmp_path / "notify.sqlite", "deliveries") == 0
    assert count(tmp_path / "sandbox" / "sandbox.sqlite3", "emails") == 0
    assert count(tmp_path / "payments.sqlite", "payments WHERE method = 'card'") == 0


def test_the_ledger_is_what_its_events_lead_to(porchlight, tmp_path):
    bring_along(porchlight, tmp_path, date(2013, 6, 30))
    checked = porchlight.run(tmp_path, "ledger", "check")
    assert checked.code == 0
    assert "the ledger is what its events lead to" in checked.output


def test_over_rabbitmq_and_postgresql_the_same_commands_come_to_the_same(stack, services, tmp_path):
    today = date(2013, 6, 30)
    before = services.caller.call(CountDeliveries())
    first = distributed(stack, tmp_path, "import", "invoices", str(FILE), *IMPORT_OPTIONS, "--today", str(today))
    assert "invoices created: 1244" in first
    again = distributed(stack, tmp_path, "import", "invoices", str(FILE), *IMPORT_OPTIONS, "--today", str(today))
    assert "created" not in again
    everybody = printed(distributed(stack, tmp_path, "accounts", "--today", str(today), "--format", "csv"))
    expected = truth(today)
    # The stack has customers of other tests too.
    assert {customer: everybody[customer] for customer in expected} == expected
    assert services.caller.call(CountDeliveries()) == before


def distributed(stack: LocalStack, folder: Path, *arguments: str) -> str:
    """What a command prints that is told where the broker is and nothing else."""
    broker_url = stack.environment("gateway")["PORCHLIGHT_BROKER_URL"]
    environment = {"PATH": os.environ["PATH"], "PORCHLIGHT_BROKER_URL": broker_url}
    program = Path(sys.executable).with_name("porchlight")
    ran = subprocess.run(
        [program, *arguments], env=environment, cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def bring_along(porchlight: Commands, home: Path, today: date) -> str:
    ran = porchlight.run(home, "import", "invoices", str(FILE), *IMPORT_OPTIONS, "--today", today.isoformat())
    assert ran.code == 0, ran.complaints
    return ran.output


def owed(porchlight: Commands, home: Path, today: date):
    ran = porchlight.run(home, "accounts", "--today", today.isoformat(), "--format", "csv")
    assert ran.code == 0, ran.complaints
    return printed(ran.output)


def count(file: Path, table: str) -> int:
    with sqlite3.connect(file) as connection:
        (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(rows)
