"""The process is killed at every point of a payment: right before or after each commit, and around each call."""

import pytest

from contracts.billing import HoldInvoices, ReleaseHold
from contracts.payments import PaymentCancelled, PaymentFailed, PaymentSucceeded
from contracts.wire import Refused
from services.payments.domain.schedule import LEASE
from tests.support.payments import Crash, Payments

# A payment has four commits, a decline one more: its reason is stored before the intent is cancelled.
COMMITS = [("pm_works", commit) for commit in range(1, 5)] + [("pm_declined", commit) for commit in range(1, 6)]
CALLS = ["create_customer", "create_intent", "confirm_intent", "cancel_intent"]
CARDS = ["pm_works", "pm_declined"]


def _killed(payments: Payments, **changes: object) -> bool:
    try:
        payments.pay(**changes)
    except Crash:
        return True
    return False


def _assert_settled_once(payments: Payments, card: str) -> None:
    (row,) = (row for row in payments.rows() if row.key is not None or row.state != "cancelled")
    expected = {"pm_works": "succeeded", "pm_declined": "failed"}[card]
    assert row.state == expected
    assert payments.stripe.charges() == (card == "pm_works")
    assert payments.captured_minor() == payments.recorded_minor()
    assert len(payments.events(PaymentSucceeded)) == (card == "pm_works")
    assert len(payments.events(PaymentFailed)) == (card == "pm_declined")


@pytest.mark.parametrize(("card", "commit"), COMMITS)
@pytest.mark.parametrize("side", ["crash_before_commits", "crash_after_commits"])
def test_killed_at_a_commit_pressing_pay_again_finishes_it(payments: Payments, side, commit, card):
    setattr(payments.database, side, commit)
    assert _killed(payments, payment_method=card)

    payments.clock.at += LEASE
    payments.pay(payment_method=card)

    _assert_settled_once(payments, card)


@pytest.mark.parametrize(("card", "commit"), COMMITS)
@pytest.mark.parametrize("side", ["crash_before_commits", "crash_after_commits"])
def test_killed_at_a_commit_nobody_comes_back_and_the_reconciler_finishes_it(payments: Payments, side, commit, card):
    setattr(payments.database, side, commit)
    assert _killed(payments, payment_method=card)

    payments.pass_time(minutes=6)

    if not payments.rows():
        assert (side, commit) == ("crash_before_commits", 1)
        assert not payments.stripe.calls
        return
    if payments.only().state == "cancelled":
        # Never submitted: the customer went away, nothing was charged, nothing stays held.
        assert (side, commit) in [("crash_after_commits", 1), ("crash_before_commits", 2)]
        assert not payments.stripe.made
        assert not payments.billing.holds
        assert len(payments.events(PaymentCancelled)) == 1
        return
    _assert_settled_once(payments, card)


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_a_call_to_stripe_it_is_charged_at_most_once(payments: Payments, when, method, card):
    payments.doom(method, when)
    was_killed = _killed(payments, payment_method=card)
    assert was_killed == (method != "cancel_intent" or card == "pm_declined")

    payments.clock.at += LEASE
    payments.pay(payment_method=card)

    _assert_settled_once(payments, card)


@pytest.mark.parametrize("command", [HoldInvoices, ReleaseHold])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_a_call_to_billing_it_is_finished(payments: Payments, when, command):
    payments.billing.strike(command, when, Crash())
    assert _killed(payments, payment_method="pm_declined")

    payments.clock.at += LEASE
    payments.pay(payment_method="pm_declined")

    _assert_settled_once(payments, "pm_declined")


def test_the_reconciler_killed_again_and_again_still_charges_once(payments: Payments):
    payments.doom("confirm_intent", "after")
    _killed(payments)

    for _ in range(3):
        payments.doom("retrieve_intent", "after")
        with pytest.raises(Crash):
            payments.pass_time(hours=1)
    payments.pass_time(hours=1)

    assert payments.only().state == "succeeded"
    assert payments.stripe.charges() == 1


def test_a_worker_that_comes_back_to_life_after_others_settled_the_payment_tells_nothing_new(payments: Payments):
    payments.stripe.strike("confirm_intent", "after", lambda: payments.pass_time(minutes=5))

    assert payments.pay().state == "succeeded"

    assert payments.stripe.charges() == 1
    assert len(payments.events(PaymentSucceeded)) == 1


def test_a_worker_that_comes_back_to_life_after_the_payment_was_given_up_charges_nothing(payments: Payments):
    def the_reconciler_gives_up() -> None:
        payments.pass_time(hours=2)

    payments.stripe.strike("create_intent", "before", the_reconciler_gives_up)

    view = payments.pay()

    assert view.state == "cancelled"
    assert payments.stripe.charges() == 0
    assert payments.stripe.only().status == "canceled"


def test_a_worker_that_comes_back_to_life_before_confirming_charges_nothing(payments: Payments):
    payments.stripe.strike("confirm_intent", "before", lambda: payments.pass_time(hours=2))

    view = payments.pay()

    assert view.state == "cancelled"
    assert payments.stripe.charges() == 0
    assert not payments.billing.holds


def test_a_worker_that_comes_back_to_life_after_its_hold_was_given_up_charges_nothing(payments: Payments):
    payments.billing.strike(HoldInvoices, "before", lambda: payments.pass_time(hours=2))

    with pytest.raises(Refused):
        payments.pay()

    assert not payments.stripe.made
    assert not payments.billing.holds
