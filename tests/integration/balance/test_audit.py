"""Whatever is damaged, the check names it in a line, on both engines; and a rebuild puts right what it can."""

from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import text

from chassis.database import Database
from contracts.billing import OpenCredits
from contracts.wire import Envelope, Event
from services.billing.balance import audit, operations
from tests.support import balance as build
from tests.support.balance import CUSTOMER
from tests.support.balance_owners import FakeOwners
from tests.support.engines import both_engines

database = both_engines("services.billing.balance.migrations")

Facts = list[tuple[Event, Envelope]]


@pytest.fixture
def facts() -> Facts:
    """Two invoices, one of them paid in part, and a goodwill credit."""
    return [
        build.fact(event)
        for event in (
            build.sent("i1", 5000),
            build.sent("i2", 700),
            build.paid("p1", 3000),
            build.allocated("p1", [build.allocation("i1", 3000)]),
            build.credit("c1", 900),
        )
    ]


@pytest.fixture
def owners(facts: Facts) -> FakeOwners:
    return FakeOwners(facts)


@pytest.fixture
def ledger(database: Database, facts: Facts) -> Database:
    """balance's database after these events."""
    with database.transaction() as session:
        operations.post(session, facts)
    return database


def damage(ledger: Database, statement: str, **values: object) -> None:
    with ledger.transaction() as session:
        assert session.connection().execute(text(statement), values).rowcount == 1


def lines(ledger: Database, owners: FakeOwners) -> dict[str, list[str]]:
    """What the check says, by kind."""
    said: dict[str, list[str]] = {}
    for difference in audit.check(ledger, owners, patience_s=0).differences:
        assert "\n" not in difference.message
        said.setdefault(difference.kind, []).append(difference.message)
    return said


def test_books_that_are_right_have_no_differences(ledger, owners, facts):
    found = audit.check(ledger, owners)
    assert (found.events, found.postings, found.accounts) == (len(facts), 10, 1)
    assert (found.differences, found.unlisted) == ([], 0)


def test_a_transaction_whose_event_is_in_no_archive(ledger, owners, facts):
    forged = build.fact(build.paid("forged", 100))
    with ledger.transaction() as session:
        operations.post(session, [forged])
    assert lines(ledger, owners)["transaction_without_event"] == [
        f"event {forged[1].event_id} (payment forged of customer {CUSTOMER}, amount 100):"
        " it is in the ledger, no archived event posts it"
    ]
    assert audit.rebuild(ledger, owners, currency="USD").differences == []


def test_an_event_that_the_ledger_lacks(ledger, owners):
    lost = build.fact(build.credit("c2", 50))
    owners.facts.append(lost)
    owners.credits = [OpenCredits(customer_id=CUSTOMER, open_minor=950)]
    assert lines(ledger, owners) == {
        "event_not_posted": [
            f"event {lost[1].event_id} (credit c2 of customer {CUSTOMER}, amount 50):"
            " it is in the archive, the ledger lacks it"
        ],
        "open_credits": [f"credits of customer {CUSTOMER}: 950 is left in billing, 900 in the ledger"],
    }
    assert audit.rebuild(ledger, owners, currency="USD").differences == []


def test_postings_that_do_not_add_up_to_zero(ledger, owners, facts):
    event_id = facts[0][1].event_id
    damage(
        ledger,
        "UPDATE ledger_postings SET amount_minor = 5001 WHERE event_id = :event_id AND amount_minor = 5000",
        event_id=event_id,
    )
    said = lines(ledger, owners)
    what = f"event {event_id} (invoice i1 of customer {CUSTOMER}, amount 5001)"
    assert said["unbalanced"] == [f"{what}: its postings add up to 1, not 0"]
    (line,) = said["transaction"]
    assert "posting 0 is +5001 on receivable of invoice i1" in line
    assert "the event says +5000 on receivable of invoice i1" in line
    assert said["projection"] == [
        f"accounts, customer_id {CUSTOMER}: receivable_minor is 2700, the postings add up to 2701",
        "open_items, invoice_id i1: open_minor is 2000, the postings add up to 2001",
    ]
    assert audit.rebuild(ledger, owners, currency="USD").differences == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("due_on", "2026-04-01"),
        ("effective_on", "2026-03-02"),
        ("customer_id", "somebody else"),
        ("currency", "EUR"),
        ("reference", "N-99"),
        ("source_id", "i9"),
        ("amount_minor", 1),
    ],
)
def test_a_transaction_that_is_not_what_its_event_says(ledger, owners, facts, column, value):
    event_id = facts[0][1].event_id
    damage(
        ledger,
        f"UPDATE ledger_transactions SET {column} = :value WHERE event_id = :event_id",
        value=value,
        event_id=event_id,
    )
    (line,) = lines(ledger, owners)["transaction"]
    assert f"{column} is {value}, the event says " in line
    assert event_id in line
    assert audit.rebuild(ledger, owners, currency="USD").differences == []


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        (
            "UPDATE open_items SET open_minor = 1 WHERE invoice_id = 'i1'",
            "open_items, invoice_id i1: open_minor is 1, the postings add up to 2000",
        ),
        (
            "DELETE FROM open_items WHERE invoice_id = 'i2'",
            f"open_items, invoice_id i2: there is no row, the postings add up to customer_id {CUSTOMER},"
            " due_on 2026-03-31, open_minor 700",
        ),
        (
            f"INSERT INTO open_items VALUES ('i9', '{CUSTOMER}', NULL, 0)",
            f"open_items, invoice_id i9: there are no postings, the row says customer_id {CUSTOMER}, due_on None,"
            " open_minor 0",
        ),
        (
            "UPDATE accounts SET receivable_minor = 2, credit_minor = 901",
            f"accounts, customer_id {CUSTOMER}: receivable_minor is 2, the postings add up to 2700;"
            " credit_minor is 901, the postings add up to 900",
        ),
        (
            "UPDATE account_months SET paid_minor = 0",
            f"account_months, customer_id {CUSTOMER}, month 2026-03-01: paid_minor is 0, the postings add up to 3900",
        ),
    ],
    ids=["open item", "lost open item", "open item of nothing", "account", "month"],
)
def test_a_projection_that_is_not_the_sum_of_its_postings(ledger, owners, statement, line):
    damage(ledger, statement)
    assert lines(ledger, owners)["projection"] == [line]
    assert audit.rebuild(ledger, owners, currency="USD").differences == []


def test_an_invoice_with_another_open_amount_in_billing(ledger, owners):
    owners.open = [
        msgspec.structs.replace(amount, open_minor=1999) for amount in owners.open if amount.invoice_id == "i1"
    ]
    assert lines(ledger, owners) == {
        "open_amount": [
            f"invoice N-i1 i1 of customer {CUSTOMER}: 1999 is open in billing, 2000 in the ledger",
            f"invoice i2 of customer {CUSTOMER}: 0 is open in billing, 700 in the ledger",
        ]
    }


def test_other_credit_left_in_billing(ledger, owners):
    (left,) = owners.credits
    owners.credits = [msgspec.structs.replace(left, open_minor=899), OpenCredits(customer_id="c9", open_minor=5)]
    assert lines(ledger, owners) == {
        "open_credits": [
            f"credits of customer {CUSTOMER}: 899 is left in billing, 900 in the ledger",
            "credits of customer c9: 5 is left in billing, 0 in the ledger",
        ]
    }


PAYMENT_PROBLEMS: dict[str, tuple[Callable[[FakeOwners], None], str]] = {
    "not allocated": (lambda owners: owners.allocated.clear(), "3000 was received, billing has not allocated it"),
    "never received": (
        lambda owners: owners.succeeded.clear(),
        "billing has allocated 3000, no such payment was received",
    ),
    "another amount": (
        lambda owners: owners.succeeded.append(
            msgspec.structs.replace(owners.succeeded.pop(), amount_minor=3001),
        ),
        "3001 was received, billing has allocated 3000",
    ),
    "lost on the way": (
        lambda owners: owners.allocated.append(
            msgspec.structs.replace(owners.allocated.pop(), placed_minor=2999),
        ),
        "3000 was received, billing has put 2999 on invoices and credits",
    ),
}


@pytest.mark.parametrize("problem", PAYMENT_PROBLEMS)
def test_a_payment_that_billing_did_not_deal_with(ledger, owners, problem):
    change, words = PAYMENT_PROBLEMS[problem]
    change(owners)
    assert lines(ledger, owners) == {"payment": [f"payment p1 of customer {CUSTOMER}: {words}"]}
