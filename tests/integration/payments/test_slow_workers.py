"""A worker that takes longer than its lease finds that another one has gone on with the payment.

It answers what the other one makes of it: "Nothing was charged" is no longer its to say.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from contracts import codes
from contracts.billing import HoldInvoices
from contracts.payments import PaymentFailed, PaymentSucceeded, PaymentView
from contracts.wire import Refused
from services.payments.clients.provider import ProviderUncertain
from services.payments.domain import schedule
from services.payments.operations import lease, reconcile
from tests.support.payments import Payments

GENEROUS_S = 30.0


def _overtake(payments: Payments, meanwhile: Callable[[], object]) -> None:
    """While the next hold is being asked for, the lease of who asks runs out and another worker does this."""

    def another_worker_takes_over() -> None:
        payments.clock.at += schedule.LEASE
        meanwhile()

    payments.billing.strike(HoldInvoices, "after", another_worker_takes_over)


def _pay_with_lost_outcome(payments: Payments) -> None:
    payments.stripe.lose("confirm_intent", "after")
    assert payments.pay().state == "unknown"


def test_a_worker_overtaken_while_it_asked_billing_says_that_the_outcome_is_being_checked(payments: Payments):
    _overtake(payments, lambda: _pay_with_lost_outcome(payments))

    view = payments.pay()

    assert (view.state, view.settled) == ("unknown", False)
    assert payments.stripe.charges() == 1
    assert payments.billing.holds, "money is on its way: nobody else may pay these invoices meanwhile"


def test_a_worker_that_billing_did_not_answer_says_that_the_outcome_is_being_checked(payments: Payments):
    def lose_the_answer() -> None:
        _pay_with_lost_outcome(payments)
        raise Refused(codes.UNAVAILABLE, "no answer")

    _overtake(payments, lose_the_answer)

    view = payments.pay()

    assert (view.state, view.settled) == ("unknown", False)
    assert payments.stripe.charges() == 1
    assert payments.billing.holds


def test_a_worker_that_stripe_did_not_answer_answers_what_the_faster_one_charged(payments: Payments):
    def lose_the_answer() -> None:
        payments.clock.at += schedule.LEASE
        assert payments.pay().state == "succeeded"
        raise ProviderUncertain("no answer")

    payments.stripe.strike("create_customer", "after", lose_the_answer)

    view = payments.pay()

    assert view.state == "succeeded"
    assert payments.stripe.charges() == 1


@pytest.mark.parametrize(("card", "state"), [("pm_works", "succeeded"), ("pm_declined", "failed")])
def test_an_overtaken_worker_answers_the_outcome_of_the_other(payments: Payments, card: str, state: str):
    _overtake(payments, lambda: payments.pay(payment_method=card))

    view = payments.pay(payment_method=card)

    assert view.state == state
    assert len(payments.events(PaymentSucceeded)) + len(payments.events(PaymentFailed)) == 1


def test_a_second_press_does_not_call_a_payment_on_its_way_that_may_yet_be_refused(
    payments: Payments, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lease, "WAIT_FOR_OTHER_S", 0.1)
    answers: list[Refused] = []

    def press_again_and_lose_the_answer() -> None:
        with pytest.raises(Refused) as second:
            payments.pay()
        answers.append(second.value)
        raise ProviderUncertain("no answer")

    payments.stripe.strike("create_customer", "before", press_again_and_lose_the_answer)
    with pytest.raises(Refused, match="Nothing was charged"):
        payments.pay()

    # As a call without an answer: the customer may ask again with the same form, and is sent to no page of a payment.
    assert [(each.code, each.details) for each in answers] == [(codes.UNAVAILABLE, {"service": "payments"})]
    payments.pass_time(minutes=1)
    assert payments.pay().state == "succeeded"
    assert payments.stripe.charges() == 1


def test_an_overtaken_worker_passes_the_other_ones_refusal_on(payments: Payments):
    def meanwhile() -> None:
        payments.billing.lose(HoldInvoices, "before")
        with pytest.raises(Refused, match="Nothing was charged"):
            payments.pay()

    _overtake(payments, meanwhile)

    with pytest.raises(Refused, match=r"not possible at the moment\. Nothing was charged"):
        payments.pay()

    assert payments.stripe.charges() == 0


class _Interleaved:
    """Two workers: the slow one's hold is answered while the other one stands before its charge, until `go_on`."""

    def __init__(self, payments: Payments, pool: ThreadPoolExecutor) -> None:
        self._payments = payments
        self._pool = pool
        self._is_charging = threading.Event()
        self.go_on = threading.Event()
        self.faster: Future[PaymentView]
        payments.stripe.strike("confirm_intent", "before", self._stand_still)
        _overtake(payments, self._start_the_other)

    def _start_the_other(self) -> None:
        self.faster = self._pool.submit(self._payments.pay)
        assert self._is_charging.wait(GENEROUS_S)

    def _stand_still(self) -> None:
        self._is_charging.set()
        assert self.go_on.wait(GENEROUS_S)


def test_a_worker_whose_hold_is_being_charged_at_this_moment_says_that_it_is_on_its_way(
    payments: Payments, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lease, "WAIT_FOR_OTHER_S", 0.0)
    with ThreadPoolExecutor(1) as pool:
        workers = _Interleaved(payments, pool)
        try:
            slow = payments.pay()
        finally:
            workers.go_on.set()
        faster = workers.faster.result(timeout=GENEROUS_S)

    assert (slow.state, slow.settled) == ("submitting", False)
    assert faster.state == "succeeded"
    assert slow.payment_id == faster.payment_id
    assert payments.stripe.charges() == 1


def test_a_worker_whose_hold_is_being_charged_waits_for_the_outcome(
    payments: Payments, monkeypatch: pytest.MonkeyPatch
):
    with ThreadPoolExecutor(1) as pool:
        workers = _Interleaved(payments, pool)
        # The other one charges when the slow one has begun to wait for it, and not before.
        clock = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: workers.go_on.set())
        monkeypatch.setattr(lease, "time", clock)
        try:
            slow = payments.pay()
        finally:
            workers.go_on.set()
        faster = workers.faster.result(timeout=GENEROUS_S)

    assert slow == faster
    assert slow.state == "succeeded"
    assert payments.stripe.charges() == 1


def test_the_reconciler_leaves_a_payment_to_the_worker_that_was_faster(
    payments: Payments, caplog: pytest.LogCaptureFixture
):
    payments.doom("create_customer", "before")
    with pytest.raises(BaseException, match="before create_customer"):
        payments.pay()
    abandoned = payments.only()
    assert abandoned.state == "created"
    payments.clock.at += schedule.LEASE
    faster = payments.pay()

    reconcile.reconcile(payments.tools, abandoned)

    assert faster.state == "succeeded"
    assert payments.only().state == "succeeded"
    assert payments.billing.tombstones == set()
    assert "could not be reconciled" not in caplog.text
