"""`porchlight ledger check` finds whatever somebody did to a row of billing's, payments' or balance's database."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_loop import Commands, Ran, commands

INVOICES = (
    "customer,number,issued_on,due_on,total,paid_on\n"
    "C1,N1,2026-01-05,2026-02-04,50.00,\n"
    "C1,N2,2026-01-06,2026-02-05,30.00,2026-01-20\n"
)


@pytest.fixture(scope="module")
def porchlight() -> Iterator[Commands]:
    with commands() as running:
        yield running


@pytest.fixture(scope="module")
def books(porchlight: Commands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with $50.00 open on N1, and N2 paid with $30.00."""
    home = tmp_path_factory.mktemp("books")
    file = home / "invoices.csv"
    file.write_text(INVOICES, encoding="utf-8")
    options = ("--create-customers", "--errors", str(home / "errors.csv"), "--today", "2026-03-01")
    ran = porchlight.run(home, "import", "invoices", str(file), *options)
    assert ran.code == 0, ran.complaints
    return home


@pytest.fixture
def home(books: Path, tmp_path: Path) -> Path:
    """A copy of the books to damage."""
    return Path(shutil.copytree(books, tmp_path / "home"))


def rows(home: Path, service: str, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / f"{service}.sqlite")) as connection:
        return connection.execute(query).fetchall()


def damage(home: Path, service: str, *statements: str) -> None:
    with closing(sqlite3.connect(home / f"{service}.sqlite")) as connection, connection:
        for statement in statements:
            assert connection.execute(statement).rowcount >= 1, statement


def said(porchlight: Commands, home: Path) -> list[str]:
    """The lines of a check that fails."""
    ran: Ran = porchlight.run(home, "ledger", "check")
    assert ran.code == 1, ran.output
    assert "Traceback" not in ran.complaints
    return [" ".join(line.split()) for line in ran.complaints.splitlines()]


def test_books_that_are_right(porchlight, home):
    ran = porchlight.run(home, "ledger", "check")
    assert ran.code == 0, ran.complaints
    # Two invoices sent, a payment received and allocated.
    assert "4 events, 8 postings, 1 accounts" in ran.output


def test_a_ledger_transaction_whose_event_is_not_in_the_archive(porchlight, home):
    ((payment_id, event_id),) = rows(
        home, "balance", "SELECT source_id, event_id FROM ledger_transactions WHERE kind = 'payment'"
    )
    damage(home, "payments", f"DELETE FROM outbox WHERE event_id = '{event_id}'")
    # The command waits until what was published was handled; a restored backup has lost both.
    damage(home, "billing", f"DELETE FROM inbox WHERE event_id = '{event_id}'")
    damage(home, "balance", f"DELETE FROM inbox WHERE event_id = '{event_id}'")
    damage(home, "notify", f"DELETE FROM inbox WHERE event_id = '{event_id}'")
    (line,) = [line for line in said(porchlight, home) if "no archived event posts it" in line]
    assert f"event {event_id} (payment {payment_id} of customer " in line
    assert "amount 3000" in line


def test_an_archived_event_that_the_ledger_lacks(porchlight, home):
    ((invoice_id, event_id),) = rows(
        home,
        "balance",
        "SELECT source_id, event_id FROM ledger_transactions WHERE kind = 'invoice' AND reference = 'N1'",
    )
    damage(
        home,
        "balance",
        f"DELETE FROM ledger_postings WHERE event_id = '{event_id}'",
        f"DELETE FROM ledger_transactions WHERE event_id = '{event_id}'",
    )
    lines = said(porchlight, home)
    assert any(
        f"event {event_id} (invoice {invoice_id} of customer " in line
        and "amount 5000): it is in the archive, the ledger lacks it" in line
        for line in lines
    )
    assert porchlight.run(home, "ledger", "rebuild").code == 0
    assert porchlight.run(home, "ledger", "check").code == 0


def test_postings_that_do_not_add_up_to_zero(porchlight, home):
    damage(home, "balance", "UPDATE ledger_postings SET amount_minor = 3001 WHERE account = 'cash'")
    ((event_id,),) = rows(home, "balance", "SELECT event_id FROM ledger_postings WHERE account = 'cash'")
    assert any(
        line.startswith(f"event {event_id} (payment ") and line.endswith("its postings add up to 1, not 0")
        for line in said(porchlight, home)
    )


def test_an_open_item_and_a_sum_that_are_not_their_postings(porchlight, home):
    damage(home, "balance", "UPDATE open_items SET open_minor = 4999 WHERE open_minor = 5000")
    damage(home, "balance", "UPDATE accounts SET receivable_minor = 4998")
    lines = said(porchlight, home)
    assert any(line.endswith("open_minor is 4999, the postings add up to 5000") for line in lines)
    assert any(line.endswith("receivable_minor is 4998, the postings add up to 5000") for line in lines)


def test_an_invoice_with_another_open_amount_in_billing(porchlight, home):
    damage(home, "billing", "UPDATE invoices SET allocated_minor = 1 WHERE number = 'N1'")
    ((invoice_id, customer_id),) = rows(
        home, "billing", "SELECT invoice_id, customer_id FROM invoices WHERE number = 'N1'"
    )
    assert f"invoice N1 {invoice_id} of customer {customer_id}: 4999 is open in billing, 5000 in the ledger" in said(
        porchlight, home
    )


def test_other_credit_left_in_billing(porchlight, home):
    ((customer_id,),) = rows(home, "billing", "SELECT customer_id FROM invoices WHERE number = 'N1'")
    damage(
        home,
        "billing",
        "INSERT INTO credits (credit_id, customer_id, kind, currency, amount_minor, used_minor, granted_on, reason,"
        f" origin, created_at, version) VALUES ('c1', '{customer_id}', 'goodwill', 'USD', 7, 0, '2026-01-01', '',"
        " 'portal', '2026-01-01 00:00:00', 1)",
    )
    assert f"credits of customer {customer_id}: 7 is left in billing, 0 in the ledger" in said(porchlight, home)


def test_a_payment_that_succeeded_and_was_not_allocated(porchlight, home):
    ((payment_id, customer_id),) = rows(home, "payments", "SELECT payment_id, customer_id FROM payments")
    damage(home, "billing", "DELETE FROM received_payments")
    assert f"payment {payment_id} of customer {customer_id}: 3000 was received, billing has not allocated it" in said(
        porchlight, home
    )


def test_a_payment_whose_allocation_is_gone(porchlight, home):
    ((payment_id, customer_id),) = rows(home, "payments", "SELECT payment_id, customer_id FROM payments")
    damage(home, "billing", "DELETE FROM allocations")
    assert (
        f"payment {payment_id} of customer {customer_id}: 3000 was received,"
        " billing has put 0 on invoices and credits" in said(porchlight, home)
    )
