"""`porchlight import visits`, embedded: whatever the headers are called, repeated, with rows that are wrong."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_loop import Commands, commands

TODAY = ("--today", "2026-03-01")
INVOICES = (
    "customer,number,issued_on,due_on,total\nC1,N1,2026-02-05,2026-03-04,50.00\nC2,N2,2026-02-05,2026-03-04,5.00\n"
)
HEADER = "Client;Job;Day;What;From;To;Where;Note;Bill\n"
COLUMNS = (
    "customer=Client,reference=Job,date=Day,service=What,arrives_from=From,arrives_until=To,address=Where,"
    "crew_note=Note,invoice=Bill"
)
GOOD = (
    "C1;J-1;2/20/2026;Mowing;8:00 AM;10:00 AM;14 Elm St;Gate was open;N1\n"
    "C1;J-2;3/18/2026;Mowing, edging;;;14 Elm St;;\n"
)
BAD = (
    "C1;J-3;2/30/2026;Mowing;;;;;\n"
    "C1;J-4;3/18/2026;Mowing;10:00 AM;8:00 AM;;;\n"
    "C9;J-5;3/18/2026;Mowing;;;;;\n"
    "C1;J-6;3/18/2026;Mowing;;;;;N9\n"
    "C1;J-7;3/18/2026;Mowing;;;;;N2\n"
    "C1;J-1;3/18/2026;Mowing;;;;;\n"
)


@pytest.fixture(scope="module")
def porchlight() -> Iterator[Commands]:
    with commands() as running:
        yield running


def test_visits_are_imported_whatever_their_file_calls_its_columns(porchlight: Commands, tmp_path: Path):
    home, errors = tmp_path / "home", tmp_path / "errors.csv"
    invoices, visits = tmp_path / "invoices.csv", tmp_path / "visits.csv"
    invoices.write_text(INVOICES, encoding="utf-8")
    assert porchlight.run(home, "import", "invoices", str(invoices), "--create-customers", *TODAY).code == 0

    def imported(text: str, *more: str):
        visits.write_text(HEADER + text, encoding="utf-8")
        formats = ("--columns", COLUMNS, "--date-format", "%m/%d/%Y", "--time-format", "%I:%M %p")
        return porchlight.run(home, "import", "visits", str(visits), *formats, "--errors", str(errors), *TODAY, *more)

    assert imported(GOOD, "--dry-run").output == "readable: 2\n"
    first = imported(GOOD)
    assert (first.code, first.output) == (0, "visits created: 2\n"), first.complaints
    assert imported(GOOD).output == "visits unchanged: 2\n"

    ran = imported(GOOD.replace("3/18", "3/19") + BAD)
    assert ran.code == 1
    assert "visits unchanged: 1" in ran.output
    assert "visits updated: 1" in ran.output
    with errors.open(encoding="utf-8") as file:
        problems = {row["Job"]: row["problem"] for row in csv.DictReader(file)}
    assert problems["J-3"].startswith("date '2/30/2026' is not a date")
    assert problems["J-4"].startswith("arrives_until '8:00 AM' is not after")
    assert problems["J-5"] == "customer 'C9' is not known; import customers first"
    assert problems["J-6"] == "There is no invoice N9."
    assert problems["J-7"] == "Invoice N2 is another customer's."
    assert problems["J-1"] == "reference 'J-1' is already on line 2"


def test_a_time_format_that_leaves_something_out_is_refused(porchlight: Commands, tmp_path: Path):
    visits = tmp_path / "visits.csv"
    visits.write_text("customer,reference,date,service\n", encoding="utf-8")
    ran = porchlight.run(tmp_path / "home", "import", "visits", str(visits), "--time-format", "%H")
    assert ran.code == 2
    assert "leaves out part of the time" in ran.complaints
