"""The projections are what the events lead to, whatever their order, and an audit says so."""

import json
import random
from collections import Counter
from datetime import timedelta

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from chassis.clock import system_clock
from chassis.rpc_wire import encode_answer
from contracts.balance import LedgerCheck
from contracts.wire import Event
from services.billing.balance import audit
from tests.support import balance as build
from tests.support.balance_owners import FakeOwners


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
    found = audit.check(ledger.database, ledger.owners())
    assert found.differences == []
    assert found.events == len(ledger.facts)


def test_a_rebuild_of_an_empty_projection_equals_the_one_that_was_kept(ledger):
    ledger.hears(*a_story())
    with ledger.database.transaction() as session:
        for table in ("ledger_postings", "ledger_transactions", "accounts", "account_months", "open_items"):
            session.execute(text(f"DELETE FROM {table}"))
    found = audit.rebuild(ledger.database, ledger.owners(), currency="USD")
    assert found.differences == []
    assert figures(ledger) == FINAL


def test_an_event_that_was_recorded_after_the_check_began_is_no_difference(ledger):
    ledger.hears(build.sent("i1", 5000))
    event, envelope = build.fact(build.sent("i2", 700))
    later = system_clock.now() + timedelta(hours=1)
    owners = ledger.owners()
    owners.facts.append((event, msgspec.structs.replace(envelope, occurred_at=later)))
    assert audit.check(ledger.database, owners).differences == []


class BusyOwners(FakeOwners):
    """Things happen while they are asked: `meanwhile` after each answer."""

    def __init__(self, facts, meanwhile) -> None:
        super().__init__(facts)
        self.meanwhile = meanwhile
        self.asked = 0

    def archive(self, *, after, up_to):
        yield from super().archive(after=after, up_to=up_to)
        self.meanwhile()

    def open_amounts(self):
        self.asked += 1
        # At the first look billing has the payment already, of which the ledger has not heard yet.
        return iter(()) if self.asked == 1 else super().open_amounts()


def test_an_event_that_is_posted_while_the_check_waits_for_it_is_no_difference(ledger):
    ledger.hears(build.sent("i1", 5000))
    late = build.fact(build.sent("i2", 700))
    owners = BusyOwners([*ledger.facts, late], lambda: ledger.hears_facts([late]))
    assert audit.check(ledger.database, owners).differences == []


def test_an_open_amount_that_differs_at_one_look_and_no_more_is_no_difference(ledger):
    ledger.hears(*a_story(), build.sent("i3", 700))
    owners = BusyOwners(ledger.facts, lambda: None)
    assert audit.check(ledger.database, owners).differences == []
    assert owners.asked == 2


class PayingAllTheTime(FakeOwners):
    """At each look billing has one more overpayment than the ledger has heard of."""

    def open_credits(self):
        for left in super().open_credits():
            self.ahead = getattr(self, "ahead", 0) + 100
            yield msgspec.structs.replace(left, open_minor=left.open_minor + self.ahead)


def test_credits_that_differ_by_something_else_at_each_look_are_no_difference(ledger):
    ledger.hears(build.credit("c1", 50))
    owners = PayingAllTheTime(ledger.facts)
    assert audit.check(ledger.database, owners).differences == []
    assert owners.ahead > 100


def test_many_differences_are_counted_and_some_of_each_kind_are_listed(ledger):
    ledger.hears(*(build.sent(f"i{number:03}", 100) for number in range(30)))
    found = audit.check(ledger.database, FakeOwners([]), patience_s=0)
    kinds = Counter(difference.kind for difference in found.differences)
    assert kinds == {"transaction_without_event": 20, "open_amount": 20}
    assert found.unlisted == 20


def test_a_difference_can_be_answered_to_whoever_asked(ledger):
    ledger.hears(*a_story())
    with ledger.database.transaction() as session:
        session.execute(text("UPDATE accounts SET credit_minor = credit_minor + 1"))
    found = audit.check(ledger.database, ledger.owners())
    answer = json.loads(encode_answer(found))["result"]
    assert answer["differences"][0]["kind"] == "projection"
    assert msgspec.convert(answer, LedgerCheck) == found
