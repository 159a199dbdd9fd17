"""The projections are what the events lead to, whatever their order, and an audit says so or names the row."""

import json
import random

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from chassis.rpc_wire import encode_answer
from contracts.balance import LedgerCheck
from contracts.wire import Event
from services.billing.balance import audit
from tests.support import balance as build


def a_story() -> list[Event]:
    first, second = build.allocation("i1", 5000), build.allocation("i2", 2000)
    return [
        build.sent("i1", 5000),
        build.sent("i2", 9900),
        build.paid("p1", 7000),
        build.allocated("p1", [first, second]),
        build.credit("c1", 900),
        build.applied("c1", [build.allocation("i2", 900)]),
        build.paid("p2", 10_000),
        build.allocated("p2", [build.allocation("i2", 7000)], credit_minor=3000),
        build.reversed_allocations([first]),
        build.voided("i1", 5000),
    ]


FINAL = (0, 3000 + 5000, -8000)


def figures(ledger) -> tuple[int, int, int]:
    account = ledger.account()
    return account.balance_due_minor, account.credits_minor, account.account_balance_minor


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), batch=st.integers(1, 5), repeats=st.integers(0, 4))
def test_any_order_any_batches_and_duplicates_end_at_the_same_figures(ledger, seed, batch, repeats):
    ledger.facts = [build.fact(event) for event in a_story()]
    with ledger.database.transaction() as session:
        for table in ("ledger_postings", "ledger_transactions", "accounts", "account_months", "open_items"):
            session.execute(text(f"DELETE FROM {table}"))
    chance = random.Random(seed)
    deliveries = ledger.facts + chance.sample(ledger.facts, repeats)
    chance.shuffle(deliveries)
    for start in range(0, len(deliveries), batch):
        ledger.hears_facts(deliveries[start : start + batch])
    assert figures(ledger) == FINAL
    found = audit.check(ledger.database, ledger.archives)
    assert found.difference is None
    assert found.events == len(ledger.facts)


def test_a_rebuild_of_an_empty_projection_equals_the_one_that_was_kept(ledger):
    ledger.hears(*a_story())
    with ledger.database.transaction() as session:
        for table in ("ledger_postings", "ledger_transactions", "accounts", "account_months", "open_items"):
            session.execute(text(f"DELETE FROM {table}"))
    found = audit.rebuild(ledger.database, ledger.archives)
    assert found.difference is None
    assert figures(ledger) == FINAL


def test_the_audit_names_a_balance_that_was_tampered_with(ledger):
    ledger.hears(*a_story())
    with ledger.database.transaction() as session:
        session.execute(text("UPDATE accounts SET receivable_minor = receivable_minor + 1"))
    difference = audit.check(ledger.database, ledger.archives).difference
    assert difference is not None
    assert difference.what == "accounts"
    assert build.CUSTOMER in difference.where


def test_the_audit_names_a_posting_that_was_tampered_with_and_a_rebuild_puts_it_right(ledger):
    ledger.hears(*a_story())
    with ledger.database.transaction() as session:
        session.execute(text("UPDATE ledger_postings SET amount_minor = amount_minor * 2"))
    difference = audit.check(ledger.database, ledger.archives).difference
    assert difference is not None
    assert difference.what == "ledger_postings"
    assert audit.rebuild(ledger.database, ledger.archives).difference is None
    assert figures(ledger) == FINAL


def test_the_audit_names_an_open_item_that_is_missing(ledger):
    ledger.hears(build.sent("i1", 5000))
    with ledger.database.transaction() as session:
        session.execute(text("DELETE FROM open_items"))
    difference = audit.check(ledger.database, ledger.archives).difference
    assert difference is not None
    assert (difference.what, difference.found) == ("open_items", "no row")


def test_an_event_that_was_not_handled_yet_is_no_difference(ledger):
    ledger.hears(build.sent("i1", 5000))
    ledger.facts.append(build.fact(build.sent("i2", 700)))
    assert audit.check(ledger.database, ledger.archives).difference is None


def test_a_difference_can_be_answered_to_whoever_asked(ledger):
    ledger.hears(*a_story())
    with ledger.database.transaction() as session:
        session.execute(text("UPDATE accounts SET credit_minor = credit_minor + 1"))
    found = audit.check(ledger.database, ledger.archives)
    answer = json.loads(encode_answer(found))["result"]
    assert answer["difference"]["what"] == "accounts"
    assert msgspec.convert(answer, LedgerCheck) == found
