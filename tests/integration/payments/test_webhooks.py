"""Stripe's webhooks: only signed ones are taken, each once, and whatever their order, they end the same."""

import itertools
from datetime import datetime

import pytest
from sqlalchemy import select

from contracts import codes
from contracts.payments import PaymentSucceeded, ReceiveStripeWebhook
from contracts.wire import Refused
from services.payments.domain.schedule import LEASE
from services.payments.models import StripeEvent
from tests.support.payments import Crash, Payments

SUCCEEDED = "payment_intent.succeeded"


def _unanswered(payments: Payments, **changes: object) -> str:
    """A payment whose confirmation was carried out and never answered; its intent's id."""
    payments.stripe.lose("confirm_intent", "after")
    assert payments.pay(**changes).state == "unknown"
    return payments.stripe.only().intent_id


def test_a_webhook_settles_an_unknown_payment_at_once(payments: Payments):
    intent_id = _unanswered(payments)

    taken = payments.webhook(SUCCEEDED, intent_id)
    payments.work()

    assert taken.duplicate is False
    assert payments.only().state == "succeeded"
    assert payments.stripe.charges() == 1


def test_a_webhook_is_stored_before_it_is_answered(payments: Payments):
    intent_id = _unanswered(payments)
    payments.webhook(SUCCEEDED, intent_id, event_id="evt_1")

    with payments.database.read() as session:
        (event,) = session.scalars(select(StripeEvent)).all()
    assert (event.event_id, event.type, event.object_id) == ("evt_1", SUCCEEDED, intent_id)


def test_a_webhook_whose_storing_fails_is_not_answered(payments: Payments):
    intent_id = _unanswered(payments)
    payments.database.crash_before_commits = 1
    with pytest.raises(Crash):
        payments.webhook(SUCCEEDED, intent_id, event_id="evt_1")

    assert payments.webhook(SUCCEEDED, intent_id, event_id="evt_1").duplicate is False


def test_a_forged_webhook_is_refused_and_not_stored(payments: Payments):
    with pytest.raises(Refused) as refusal:
        payments.ask(ReceiveStripeWebhook(payload="{}", signature="t=1,v1=forged"))

    assert refusal.value.code == codes.INVALID
    with payments.database.read() as session:
        assert session.scalars(select(StripeEvent)).all() == []


def test_the_same_webhook_again_is_a_duplicate_and_tells_once(payments: Payments):
    intent_id = _unanswered(payments)

    taken = [payments.webhook(SUCCEEDED, intent_id, event_id="evt_1").duplicate for _ in range(3)]
    payments.work()

    assert taken == [False, True, True]
    assert len(payments.events(PaymentSucceeded)) == 1


def test_the_webhook_can_come_before_the_answer(payments: Payments):
    def stripe_tells() -> None:
        payments.webhook(SUCCEEDED, payments.stripe.only().intent_id)
        payments.work()

    payments.stripe.strike("confirm_intent", "after", stripe_tells)

    assert payments.pay().state == "succeeded"
    payments.pass_time(seconds=5)
    assert len(payments.events(PaymentSucceeded)) == 1
    assert payments.stripe.charges() == 1


def test_the_webhook_can_come_before_the_intent_is_stored(payments: Payments):
    def stripe_tells() -> None:
        payments.webhook("payment_intent.requires_action", payments.stripe.only().intent_id)
        payments.work()

    payments.stripe.strike("create_intent", "after", stripe_tells)

    assert payments.pay().state == "succeeded"
    assert payments.stripe.charges() == 1


def test_a_webhook_finishes_what_a_killed_worker_left(payments: Payments):
    payments.doom("confirm_intent", "after")
    with pytest.raises(Crash):
        payments.pay()
    payments.webhook(SUCCEEDED, payments.stripe.only().intent_id)
    payments.work()
    assert payments.only().state == "submitting", "the worker may still be at it"

    payments.clock.at += LEASE
    payments.work()

    assert payments.only().state == "succeeded"


@pytest.mark.parametrize(
    "order",
    list(itertools.permutations(["payment_intent.requires_action", "payment_intent.processing", SUCCEEDED])),
    ids=lambda order: "-".join(kind.partition(".")[2] for kind in order),
)
def test_reordered_webhooks_end_the_same(payments: Payments, order):
    intent_id = _unanswered(payments)

    for kind in order:
        payments.webhook(kind, intent_id)
        payments.work()

    assert payments.only().state == "succeeded"
    assert len(payments.events(PaymentSucceeded)) == 1


def test_a_late_webhook_of_a_failure_does_not_undo_a_success(payments: Payments):
    payments.pay()

    payments.webhook("payment_intent.payment_failed", payments.stripe.only().intent_id)
    payments.work()

    assert payments.only().state == "succeeded"


def test_webhooks_of_settled_payments_cost_no_question_to_stripe(payments: Payments):
    payments.pay()
    before = len(payments.stripe.calls)

    for kind in ("payment_intent.created", SUCCEEDED, "charge.succeeded"):
        payments.webhook(kind, payments.stripe.only().intent_id)
    payments.work()

    assert len(payments.stripe.calls) == before


def _look_at(payments: Payments) -> datetime | None:
    with payments.database.read() as session:
        return session.scalars(select(StripeEvent.next_try_at)).one()


def test_a_webhook_that_comes_after_the_outcome_is_no_work(payments: Payments):
    payments.pay()

    payments.webhook(SUCCEEDED, payments.stripe.only().intent_id)

    assert _look_at(payments) is None


def test_a_webhook_of_a_payment_that_is_being_made_is_looked_at_when_that_has_ended(payments: Payments):
    def stripe_tells() -> None:
        payments.webhook(SUCCEEDED, payments.stripe.only().intent_id)

    payments.stripe.strike("confirm_intent", "after", stripe_tells)
    payments.pay()
    asked = len(payments.stripe.calls)

    assert payments.clock.at < (_look_at(payments) or payments.clock.at) < payments.clock.at + LEASE
    payments.pass_time(seconds=5)
    assert _look_at(payments) is None
    assert len(payments.stripe.calls) == asked


def test_a_webhook_whose_worker_is_killed_is_taken_up_again(payments: Payments):
    intent_id = _unanswered(payments)
    payments.webhook(SUCCEEDED, intent_id)
    payments.doom("retrieve_intent", "before")
    with pytest.raises(Crash):
        payments.work()

    payments.pass_time(minutes=5)

    assert payments.only().state == "succeeded"


def test_webhooks_about_things_that_are_not_ours_are_taken_and_ignored(payments: Payments):
    assert payments.webhook(SUCCEEDED, "pi_of_another_shop").duplicate is False
    assert payments.webhook("customer.created", "cus_1").duplicate is False

    payments.work()

    assert not payments.stripe.calls
    with payments.database.read() as session:
        assert {event.next_try_at for event in session.scalars(select(StripeEvent))} == {None}


def test_a_webhook_that_meets_a_silent_stripe_leaves_it_to_the_reconciler(payments: Payments):
    intent_id = _unanswered(payments)
    payments.stripe.lose("retrieve_intent", "before")

    payments.webhook(SUCCEEDED, intent_id)
    payments.work()
    assert payments.only().state == "unknown"

    payments.pass_time(minutes=5)
    assert payments.only().state == "succeeded"


def test_a_webhook_worker_that_fails_comes_back_to_it(payments: Payments):
    intent_id = _unanswered(payments)
    payments.stripe.strike("retrieve_intent", "before", KeyError("a defect"))
    payments.webhook(SUCCEEDED, intent_id)
    payments.work()
    assert payments.only().state == "unknown"

    payments.clock.at += LEASE
    payments.work()

    assert payments.only().state == "succeeded"


def test_money_for_a_payment_that_was_given_up_is_never_lost(payments: Payments):
    payments.stripe.lose("confirm_intent", "after")
    view = payments.pay()
    # As if somebody had ended it by hand while Stripe was charging.
    payments.change(view.payment_id, state="cancelled", next_check_at=None)

    payments.webhook(SUCCEEDED, payments.stripe.only().intent_id)
    payments.work()

    assert payments.only().state == "succeeded"
    assert [event.amount_minor for event in payments.events(PaymentSucceeded)] == [5_000]


def test_a_slow_payment_is_processing_until_its_webhook(payments: Payments):
    view = payments.pay(payment_method="pm_slow")
    assert (view.state, view.settled) == ("processing", False)
    assert payments.billing.holds

    intent_id = payments.stripe.only().intent_id
    payments.stripe.finish_processing(intent_id)
    payments.webhook(SUCCEEDED, intent_id)
    payments.work()

    assert payments.only().state == "succeeded"
