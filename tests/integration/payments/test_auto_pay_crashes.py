"""The process is killed at every point of a charge, and several copies work at once: it is charged and told once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta

import pytest

from chassis.ids import new_id
from contracts.billing import ApplyCredits, GetInvoice, HoldInvoices, ReleaseHold
from contracts.payments import (
    AutoPayChargeFailed,
    AutoPayChargeUpcoming,
    AutoPayEnrolled,
    AutoPayPaused,
    CancelAutoPay,
    ChangeAutoPay,
    PaymentSucceeded,
    SkipCharge,
)
from contracts.wire import Refused
from services.payments.models import Payment
from services.payments.operations.auto_pay import charging
from tests.support.auto_pay import AutoPay, at, enrollment
from tests.support.payments import CUSTOMER, Crash

COPIES = 4
COMMITS = range(1, 9)
CALLS = ["create_customer", "create_intent", "confirm_intent", "cancel_intent"]


def die_and_live_on(auto_pay: AutoPay, when: str) -> None:
    """The day comes and the process dies in it; others take over."""
    with suppress(Crash):
        auto_pay.go_to(at(when))
    for minutes in (3, 6, 61, 61):
        auto_pay.go_to(auto_pay.clock.at + timedelta(minutes=minutes))


def assert_charged_once(auto_pay: AutoPay, invoice_id: str) -> None:
    assert auto_pay.charge(invoice_id).state == "paid"
    assert auto_pay.stripe.charges() == 1
    assert auto_pay.captured_minor() == auto_pay.recorded_minor() == 8_450
    assert len(auto_pay.events(PaymentSucceeded)) == 1
    assert not auto_pay.ledger.holds


def assert_failed_once(auto_pay: AutoPay, invoice_id: str) -> None:
    assert auto_pay.charge(invoice_id).state == "declined"
    assert [row.state for row in auto_pay.attempts(invoice_id)].count("failed") == 1
    assert auto_pay.stripe.charges() == 0
    assert len(auto_pay.events(AutoPayChargeFailed)) == len(auto_pay.events(AutoPayPaused)) == 1
    assert not auto_pay.ledger.holds


@pytest.mark.parametrize("commit", COMMITS)
@pytest.mark.parametrize("side", ["crash_before_commits", "crash_after_commits"])
@pytest.mark.parametrize("method", ["pm_works", "pm_expired"])
def test_killed_at_a_commit_it_is_charged_once_all_the_same(auto_pay: AutoPay, side, commit, method):
    auto_pay.enroll(method)
    invoice_id = auto_pay.send(due_on="2026-04-01")
    auto_pay.go_to(at("2026-03-29"))
    setattr(auto_pay.database, side, commit)

    die_and_live_on(auto_pay, "2026-04-01")

    {"pm_works": assert_charged_once, "pm_expired": assert_failed_once}[method](auto_pay, invoice_id)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("method", ["pm_works", "pm_expired"])
def test_killed_around_a_call_to_stripe_it_is_charged_once(auto_pay: AutoPay, call, when, method):
    auto_pay.enroll(method)
    invoice_id = auto_pay.send(due_on="2026-04-01")
    auto_pay.doom(call, when)

    die_and_live_on(auto_pay, "2026-04-01")

    {"pm_works": assert_charged_once, "pm_expired": assert_failed_once}[method](auto_pay, invoice_id)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("command", [ApplyCredits, GetInvoice, HoldInvoices, ReleaseHold])
def test_killed_around_a_call_to_billing_or_without_its_answer_it_is_charged_once(auto_pay: AutoPay, command, when):
    auto_pay.enroll()
    invoice_id = auto_pay.send(due_on="2026-04-01")
    auto_pay.ledger.strike(command, when, Crash())
    auto_pay.ledger.lose(command, when)

    die_and_live_on(auto_pay, "2026-04-01")
    die_and_live_on(auto_pay, "2026-04-02")

    assert_charged_once(auto_pay, invoice_id)


@pytest.mark.parametrize("commit", range(1, 4))
@pytest.mark.parametrize("side", ["crash_before_commits", "crash_after_commits"])
def test_killed_while_telling_the_notice_is_told_once(auto_pay: AutoPay, side, commit):
    auto_pay.enroll()
    auto_pay.send(due_on="2026-04-01")
    setattr(auto_pay.database, side, commit)

    die_and_live_on(auto_pay, "2026-03-29")

    assert len(auto_pay.events(AutoPayChargeUpcoming)) == 1


def test_a_worker_slower_than_its_lease_charges_nothing_again(auto_pay: AutoPay):
    auto_pay.enroll()
    invoice_id = auto_pay.send(due_on="2026-04-01")

    def another_one_takes_it_meanwhile() -> None:
        auto_pay.clock.at += charging.LEASE + timedelta(seconds=1)
        auto_pay.charge_due()

    auto_pay.ledger.strike(GetInvoice, "after", another_one_takes_it_meanwhile)
    auto_pay.go_to(at("2026-04-01"))

    assert_charged_once(auto_pay, invoice_id)


def test_a_worker_that_comes_back_to_life_after_the_customer_skipped_charges_nothing(auto_pay: AutoPay):
    auto_pay.enroll()
    invoice_id = auto_pay.send(due_on="2026-04-01")
    skip = SkipCharge(customer_id=CUSTOMER, invoice_id=invoice_id)
    auto_pay.ledger.strike(GetInvoice, "after", lambda: auto_pay.ask(skip))

    auto_pay.live_until(at("2026-04-05"))

    assert not auto_pay.rows()
    assert auto_pay.charge(invoice_id).state == "skipped"


def test_turned_off_while_a_charge_is_on_its_way_that_one_comes_to_its_end(auto_pay: AutoPay):
    auto_pay.enroll("pm_no_money")
    invoice_id = auto_pay.send(due_on="2026-04-01")
    off = CancelAutoPay(customer_id=CUSTOMER)
    auto_pay.stripe.strike("confirm_intent", "before", lambda: auto_pay.ask(off))

    auto_pay.live_until(at("2026-04-25"))

    assert [row.state for row in auto_pay.attempts(invoice_id)] == ["failed"]
    assert (auto_pay.charge(invoice_id).state, auto_pay.view().state) == ("left", "off")


def test_the_database_itself_refuses_a_second_payment_of_an_attempt(auto_pay_on_both: AutoPay):
    auto_pay = auto_pay_on_both
    auto_pay.enroll()
    auto_pay.send(due_on="2026-04-01")
    auto_pay.go_to(at("2026-04-01"))
    (first,) = auto_pay.rows()
    values = {column.key: getattr(first, column.key) for column in Payment.__table__.columns}
    again = values | {"payment_id": new_id(), "key": "another", "stripe_intent_id": None}

    with pytest.raises(Exception, match=r"(?i)unique"), auto_pay.database.transaction() as session:
        session.add(Payment(**again))


def test_an_attempt_that_is_stored_is_not_made_again_whatever_the_charge_says(auto_pay: AutoPay):
    auto_pay.enroll()
    invoice_id = auto_pay.send(due_on="2026-04-01")
    auto_pay.go_to(at("2026-04-01"))
    # As if an old backup of one table had been brought back.
    with auto_pay.database.transaction() as session:
        charge = session.merge(auto_pay.charge(invoice_id))
        charge.state, charge.attempt, charge.payment_id = "scheduled", 0, None
        charge.charge_at = charge.look_at = at("2026-04-01")
    auto_pay.ledger.invoices[invoice_id].placed_minor = 0

    auto_pay.live_until(at("2026-04-03"))

    assert auto_pay.stripe.charges() == 1
    assert auto_pay.charge(invoice_id).state in ("paid", "settled")


class TestSeveralCopies:
    """On both engines, each worker and request in a thread of its own."""

    @staticmethod
    def at_once(*actions) -> list[object]:
        barrier = threading.Barrier(len(actions))

        def run(action) -> object:
            barrier.wait(timeout=5)
            try:
                return action()
            except Refused as refusal:
                return refusal

        with ThreadPoolExecutor(len(actions)) as pool:
            return [future.result(timeout=60) for future in [pool.submit(run, action) for action in actions]]

    @staticmethod
    def work_off(auto_pay: AutoPay):
        def work() -> None:
            while auto_pay.service.charge_due():
                pass

        return work

    def test_workers_in_several_copies_charge_each_invoice_once(self, auto_pay_on_both: AutoPay):
        auto_pay = auto_pay_on_both
        auto_pay.enroll()
        ids = [auto_pay.send(1_000 + number, due_on="2026-04-01") for number in range(12)]
        auto_pay.clock.at = at("2026-03-29")
        self.at_once(*[self.work_off(auto_pay)] * COPIES)
        assert len(auto_pay.events(AutoPayChargeUpcoming)) == 12

        auto_pay.clock.at = at("2026-04-01")
        self.at_once(*[self.work_off(auto_pay)] * COPIES)
        auto_pay.live_until(at("2026-04-02"))

        assert {auto_pay.charge(invoice_id).state for invoice_id in ids} == {"paid"}
        assert auto_pay.stripe.charges() == len(auto_pay.rows()) == 12
        assert auto_pay.captured_minor() == sum(1_000 + number for number in range(12))

    def test_two_presses_on_submit_turn_it_on_once(self, auto_pay_on_both: AutoPay):
        auto_pay = auto_pay_on_both
        command = enrollment(auto_pay.save_card())

        views = self.at_once(*[lambda: auto_pay.ask(command)] * COPIES)

        assert len({repr(view) for view in views}) == 1
        assert len(auto_pay.events(AutoPayEnrolled)) == 1

    def test_an_invoice_sent_in_the_moment_of_the_enrolment_is_covered_or_left_and_never_lost(
        self, auto_pay_on_both: AutoPay
    ):
        auto_pay = auto_pay_on_both
        command = enrollment(auto_pay.save_card(), include_balance=True)
        ids = [auto_pay.send(heard=False) for _ in range(6)]

        self.at_once(lambda: auto_pay.ask(command), *[lambda each=each: auto_pay.hear_sent(each) for each in ids])

        assert {auto_pay.charge(invoice_id).state for invoice_id in ids} == {"scheduled"}

    def test_customer_listeners_and_workers_at_once_neither_block_nor_charge_twice(self, auto_pay_on_both: AutoPay):
        auto_pay = auto_pay_on_both
        first, second = auto_pay.save_card(), auto_pay.save_card("pm_other")
        auto_pay.enroll(card_id=first)
        ids = [auto_pay.send(due_on="2026-04-01") for _ in range(4)]
        auto_pay.clock.at = at("2026-04-01")

        self.at_once(
            self.work_off(auto_pay),
            self.work_off(auto_pay),
            lambda: [auto_pay.ask(ChangeAutoPay(customer_id=CUSTOMER, card_id=card)) for card in (second, first)],
            lambda: [auto_pay.ask(SkipCharge(customer_id=CUSTOMER, invoice_id=each)) for each in ids[:1]],
            lambda: [auto_pay.send(due_on="2026-04-20") for _ in range(3)],
        )
        auto_pay.live_until(at("2026-04-03"))

        assert {auto_pay.charge(invoice_id).state for invoice_id in ids} <= {"paid", "skipped"}
        assert auto_pay.stripe.charges() == sum(auto_pay.charge(each).state == "paid" for each in ids)
        assert auto_pay.captured_minor() == auto_pay.recorded_minor()
        assert auto_pay.view().next_charge is not None
        assert auto_pay.view().next_charge.charge_on == date(2026, 4, 20)  # type: ignore[union-attr]
