"""The published accounts-receivable history, and the truth about it computed with nothing of ours: csv and dates."""

import csv
import os
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("PORCHLIGHT_SHARED") or Path(__file__).resolve().parents[3] / "shared")
FILE = SHARED / "data" / "receivables.csv"

needs_receivables = pytest.mark.skipif(not FILE.exists(), reason=f"{FILE.name} is not in ../shared/data here")

IMPORT_OPTIONS = (
    "--columns",
    "customer=customerID,number=invoiceNumber,issued_on=InvoiceDate,due_on=DueDate,total=InvoiceAmount,paid_on=SettledDate",
    "--date-format",
    "%m/%d/%Y",
    "--create-customers",
)

Figures = dict[str, tuple[int, int, int]]
"""By customer: balance due, past due and credits, in cents."""


def truth(today: date) -> Figures:
    """What each customer owes on a day: invoices issued by then and not settled by then; late when due before it."""
    owed: defaultdict[str, int] = defaultdict(int)
    late: defaultdict[str, int] = defaultdict(int)
    customers = set()
    with FILE.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            customers.add(row["customerID"])
            issued_on, due_on, settled_on = (_day(row[name]) for name in ("InvoiceDate", "DueDate", "SettledDate"))
            if issued_on <= today < settled_on:
                cents = int(Decimal(row["InvoiceAmount"]) * 100)
                owed[row["customerID"]] += cents
                late[row["customerID"]] += cents if due_on < today else 0
    return {customer: (owed[customer], late[customer], 0) for customer in customers}


def printed(output: str) -> Figures:
    """What `porchlight accounts --format csv` printed."""
    rows = csv.DictReader(output.splitlines())
    return {row["customer"]: (int(row["balance_due"]), int(row["past_due"]), int(row["credits"])) for row in rows}


def due_dates() -> list[date]:
    """Every due date in the file, in order."""
    with FILE.open(newline="", encoding="utf-8") as file:
        return sorted({_day(row["DueDate"]) for row in csv.DictReader(file)})


def _day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a date has no time zone
