"""The command as the business types it, embedded: what it takes, what it says when something is wrong."""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_loop import Commands, commands

HEADER = "customer,number,issued_on,due_on,total,paid_on\n"
GOOD = "C1,N1,2026-01-05,2026-02-04,50.00,\nC1,N2,2026-01-06,2026-02-05,0.99,2026-01-20\n"
TODAY = ("--today", "2026-03-01")


@pytest.fixture(scope="module")
def porchlight() -> Iterator[Commands]:
    with commands() as running:
        yield running


@pytest.fixture
def sheet(tmp_path: Path):
    def write(text: str, name: str = "invoices.csv") -> Path:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


def imported(porchlight: Commands, home: Path, file: Path, *more: str):
    errors = home / "errors.csv"
    options = ("--create-customers", "--errors", str(errors), *TODAY, *more)
    return porchlight.run(home, "import", "invoices", str(file), *options), errors


def accounts(porchlight: Commands, home: Path) -> str:
    ran = porchlight.run(home, "accounts", "--format", "csv", *TODAY)
    assert ran.code == 0, ran.complaints
    return ran.output


def test_a_sub_dollar_invoice_and_a_settled_one_come_out_to_the_cent(porchlight, tmp_path, sheet):
    ran, errors = imported(porchlight, tmp_path, sheet(HEADER + GOOD))
    assert ran.code == 0, ran.complaints
    assert not errors.exists()
    assert accounts(porchlight, tmp_path) == "customer,balance_due,past_due,credits\nC1,5000,5000,0\n"


def test_help_says_how_a_mode_is_chosen_and_where_settings_are_described(porchlight, tmp_path):
    said = " ".join(porchlight.run(tmp_path, "--help").output.split())
    assert "with PORCHLIGHT_BROKER_URL set" in said
    assert "the folder PORCHLIGHT_HOME" in said
    assert ".env.example" in said


def test_the_progress_bar_counts_every_row_bad_ones_too(porchlight, tmp_path, sheet):
    ran, _ = imported(porchlight, tmp_path, sheet(HEADER + GOOD + "C2,N3,2026-01-05,2026-02-04,-5,\n"))
    assert "importing invoices.csv" in ran.complaints
    assert "3/3" in ran.complaints


def test_bad_rows_go_to_a_file_with_what_is_wrong_and_the_good_ones_are_taken(porchlight, tmp_path, sheet):
    bad = (
        "C2,N3,2026-01-05,2026-02-04,-5,\n"
        "C2,N4,2026-01-05,2026-02-04,1.005,\n"
        "C2,N5,2026-02-30,2026-03-04,5,\n"
        "C2,N6,2026-01-05,2026-01-01,5,\n"
        "C2,N1,2026-01-05,2026-02-04,5,\n"
        ",N7,2026-01-05,2026-02-04,5,\n"
        "C2,N8,2026-01-05\n"
        "C2,N9,2026-01-05,2026-02-04,99999999999,\n"
    )
    ran, errors = imported(porchlight, tmp_path, sheet(HEADER + GOOD + bad))
    assert ran.code == 1
    assert "8 rows were not taken" in ran.complaints
    with errors.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    problems = {int(row["line"]): row["problem"] for row in rows}
    assert sorted(problems) == list(range(4, 12))
    assert "above zero" in problems[4]
    assert "fraction" in problems[5]
    assert "is not a date" in problems[6]
    assert "before issued_on" in problems[7]
    assert "already on line 2" in problems[8]
    assert "customer is empty" in problems[9]
    assert "3 columns" in problems[10]
    assert "too large" in problems[11]
    assert rows[0]["number"] == "N3"
    assert accounts(porchlight, tmp_path).splitlines()[1:] == ["C1,5000,5000,0"]


def test_unknown_customers_are_refused_by_name_unless_they_may_be_created(porchlight, tmp_path, sheet):
    errors = tmp_path / "errors.csv"
    file = sheet(HEADER + GOOD)
    ran = porchlight.run(tmp_path, "import", "invoices", str(file), "--errors", str(errors), *TODAY)
    assert ran.code == 1
    assert "customer 'C1' is not known" in errors.read_text(encoding="utf-8")
    assert accounts(porchlight, tmp_path) == "customer,balance_due,past_due,credits\n"


def test_a_sent_invoice_that_comes_again_with_another_amount_is_refused_and_keeps_its_own(porchlight, tmp_path, sheet):
    imported(porchlight, tmp_path, sheet(HEADER + GOOD))
    ran, errors = imported(porchlight, tmp_path, sheet(HEADER + GOOD.replace("50.00", "51.00")))
    assert ran.code == 1
    assert "N1" in errors.read_text(encoding="utf-8")
    assert "C1,5000,5000,0" in accounts(porchlight, tmp_path)


def test_a_dry_run_changes_nothing(porchlight, tmp_path, sheet):
    ran, _ = imported(porchlight, tmp_path, sheet(HEADER + GOOD), "--dry-run")
    assert ran.code == 0
    assert "readable: 2" in ran.output
    assert accounts(porchlight, tmp_path) == "customer,balance_due,past_due,credits\n"


def test_drafts_are_sent_by_number_and_a_wrong_number_is_named(porchlight, tmp_path, sheet):
    imported(porchlight, tmp_path, sheet(HEADER + "C1,N1,2026-04-05,2026-05-04,50.00,\n"))
    assert "C1,0,0,0" in accounts(porchlight, tmp_path)
    ran = porchlight.run(tmp_path, "send", "N1", "N2")
    assert ran.code == 1
    assert "N1: sent" in ran.output
    assert "N2: there is no such invoice" in ran.complaints
    assert "N1: was sent before" in porchlight.run(tmp_path, "send", "N1").output


def test_of_all_drafts_those_of_later_days_stay_drafts(porchlight, tmp_path, sheet):
    imported(
        porchlight, tmp_path, sheet(HEADER + "C1,N1,2026-04-05,2026-05-04,50.00,\nC1,N2,2026-04-06,2026-05-04,7.00,\n")
    )
    porchlight.run(tmp_path, "clock", "set", "2026-04-05")
    assert porchlight.run(tmp_path, "send", "--all-drafts").output == "N1: sent\n"
    assert "C1,5000,0,0" in porchlight.run(tmp_path, "accounts", "--format", "csv").output


def test_the_business_clock_is_moved_and_returned(porchlight, tmp_path):
    assert "2026-07-01T16:00:00+00:00 (frozen)" in porchlight.run(tmp_path, "clock", "set", "2026-07-01").output
    assert "(frozen)" in porchlight.run(tmp_path, "clock", "show").output
    assert "(real)" in porchlight.run(tmp_path, "clock", "reset").output


def test_a_healthy_house_has_no_dead_events_and_a_ledger_that_is_right(porchlight, tmp_path, sheet):
    imported(porchlight, tmp_path, sheet(HEADER + GOOD))
    listed = porchlight.run(tmp_path, "dead-events", "list")
    assert (listed.code, listed.output) == (0, "no dead events\n")
    assert "the ledger is what its events lead to" in porchlight.run(tmp_path, "ledger", "check").output
    assert porchlight.run(tmp_path, "ledger", "rebuild").code == 0
    assert "C1,5000,5000,0" in accounts(porchlight, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "invoices", "absent.csv"], "cannot read absent.csv: No such file"),
        (["import", "invoices", "x.csv", "--columns", "customer"], "'customer' is not field=header"),
        (["import", "invoices", "x.csv", "--date-format", "%Y"], "leaves out part of the date"),
        (["accounts", "--today", "30.6.2013"], "is not a date such as 2013-06-30"),
        (["send"], "name the invoices to send"),
    ],
)
def test_a_wrong_command_is_told_what_is_wrong_in_a_line(porchlight, tmp_path, arguments, said):
    ran = porchlight.run(tmp_path, *arguments)
    assert ran.code != 0
    assert said in ran.complaints
    assert "Traceback" not in ran.complaints


def run(home: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORCHLIGHT_", "STRIPE_"))}
    return subprocess.run(
        [sys.executable, "-m", "porchlight", *arguments],
        env={**kept, "PORCHLIGHT_HOME": str(home), **environ},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_an_unreachable_broker_is_named_without_its_password(tmp_path):
    ran = run(tmp_path, "accounts", PORCHLIGHT_BROKER_URL="amqp://porchlight:open-sesame@127.0.0.1:9/")
    assert ran.returncode == 1
    assert "127.0.0.1:9" in ran.stderr
    assert "open-sesame" not in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_unreachable_database_is_named_without_its_password(tmp_path):
    url = "postgresql://billing:open-sesame@127.0.0.1:9/billing"
    ran = run(tmp_path, "accounts", PORCHLIGHT_BILLING_DATABASE_URL=url, PORCHLIGHT_START_TIMEOUT_S="0")
    assert ran.returncode == 1
    assert "127.0.0.1:9" in ran.stderr
    assert "open-sesame" not in ran.stderr


def test_a_wrong_setting_is_named(tmp_path):
    ran = run(tmp_path, "accounts", PORCHLIGHT_BUSINESS_TIME_ZONE="Mars/Olympus")
    assert ran.returncode == 1
    assert "PORCHLIGHT_BUSINESS_TIME_ZONE" in ran.stderr


def test_migrating_without_saying_where_names_every_missing_variable(tmp_path):
    ran = run(tmp_path, "migrate", PORCHLIGHT_BROKER_URL="amqp://127.0.0.1:9/")
    assert ran.returncode == 1
    assert set(re.findall(r"PORCHLIGHT_\w+_DATABASE_URL", ran.stderr)) == {
        f"PORCHLIGHT_{name}_DATABASE_URL" for name in ("IDENTITY", "BILLING", "BALANCE", "PAYMENTS", "NOTIFY")
    }


def test_a_prepaid_draft_does_not_pay_another_invoice_and_is_paid_once_it_is_sent(porchlight, tmp_path, sheet):
    file = sheet(HEADER + "C1,B1,2026-01-05,2026-02-04,100,\nC1,B2,2026-03-05,2026-04-04,40,2026-02-20\n")
    imported(porchlight, tmp_path, file)
    assert accounts(porchlight, tmp_path) == "customer,balance_due,past_due,credits\nC1,10000,10000,0\n"
    options = ("--errors", str(tmp_path / "e"), "--today", "2026-03-06")
    assert porchlight.run(tmp_path, "import", "invoices", str(file), *options).code == 0
    later = porchlight.run(tmp_path, "accounts", "--format", "csv", "--today", "2026-03-06")
    assert "C1,10000,10000,0" in later.output
