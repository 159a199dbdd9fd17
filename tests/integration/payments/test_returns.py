"""Money that leaves again at Stripe, by whoever's hand: noted once, in any order, and told."""

from datetime import timedelta

import pytest

from contracts.payments import GetPayment, ListPayments, MoneyRestored, MoneyReturned
from services.payments.operations import returns
from tests.support.payments import CUSTOMER, Payments

CREATED, UPDATED = "refund.created", "refund.updated"
DISPUTED, CLOSED = "charge.dispute.created", "charge.dispute.closed"


@pytest.fixture
def paid(payments: Payments) -> str:
    """A payment of $84.50 that was received; its intent's id."""
    assert payments.pay().state == "succeeded"
    return payments.stripe.only().intent_id


def test_a_refund_made_at_stripe_is_told_once_however_often_it_is_hinted_at(payments, paid):
    refund = payments.stripe.give_back(paid, 2_000)
    for number in range(3):
        payments.webhook(CREATED if number else UPDATED, refund, event_id=f"evt_{number}")
    payments.work()
    payments.webhook(UPDATED, refund, event_id="evt_late")
    payments.work()
    (event,) = payments.events(MoneyReturned)
    assert (event.amount_minor, event.kind, event.customer_id) == (2_000, "refund", CUSTOMER)
    assert event.payment_id == payments.only().payment_id


def test_the_customer_sees_what_of_a_payment_left_again(payments, paid):
    payments.webhook(CREATED, payments.stripe.give_back(paid, 2_000))
    payments.work()
    payment_id = payments.only().payment_id
    (seen,) = payments.ask(GetPayment(customer_id=CUSTOMER, payment_id=payment_id)).returns
    assert (seen.kind, seen.state, seen.amount_minor) == ("refund", "returned", 2_000)
    (listed,) = payments.ask(ListPayments(customer_id=CUSTOMER)).payments
    assert listed.returns == [seen]
    assert listed.state == "succeeded"


def test_a_dispute_takes_the_money_and_winning_it_brings_it_back(payments, paid):
    dispute = payments.stripe.give_back(paid, 5_000, kind="dispute")
    payments.webhook(DISPUTED, dispute, event_id="evt_1")
    payments.work()
    payments.stripe.take_again(dispute)
    payments.webhook(CLOSED, dispute, event_id="evt_2")
    payments.webhook(DISPUTED, dispute, event_id="evt_3")
    payments.work()
    (left,), (came_back,) = payments.events(MoneyReturned), payments.events(MoneyRestored)
    assert left.return_id == came_back.return_id
    assert (left.kind, left.amount_minor, came_back.amount_minor) == ("dispute", 5_000, 5_000)
    assert payments.ask(ListPayments(customer_id=CUSTOMER)).payments[0].returns[0].state == "restored"


def test_a_dispute_that_is_first_heard_of_when_it_was_won_is_both(payments, paid):
    dispute = payments.stripe.give_back(paid, 5_000, kind="dispute")
    payments.stripe.take_again(dispute)
    payments.webhook(CLOSED, dispute)
    payments.work()
    assert len(payments.events(MoneyReturned)) == len(payments.events(MoneyRestored)) == 1


def test_what_no_webhook_told_is_found_by_looking_over_the_lists(payments, paid):
    payments.stripe.give_back(paid, 2_000, made_at=payments.clock.now() - timedelta(days=3))
    payments.stripe.give_back(paid, 1_000, kind="dispute", made_at=payments.clock.now())
    assert returns.look_over(payments.tools) is False
    returns.look_over(payments.tools)
    assert sorted(event.amount_minor for event in payments.events(MoneyReturned)) == [1_000, 2_000]


def test_without_an_answer_of_stripe_it_is_asked_again(payments, paid):
    refund = payments.stripe.give_back(paid, 2_000)
    payments.stripe.lose("retrieve_refund", "before")
    payments.webhook(CREATED, refund)
    payments.work()
    assert payments.events(MoneyReturned) == []
    payments.pass_time(minutes=10)
    payments.work()
    assert len(payments.events(MoneyReturned)) == 1


@pytest.mark.parametrize("intent", ["pi_of_another_program", None])
def test_a_refund_of_another_programs_payment_is_none_of_ours(payments, paid, intent):
    payments.webhook(CREATED, payments.stripe.give_back(intent, 2_000))
    payments.work()
    assert payments.events(MoneyReturned) == []


def test_a_webhook_about_a_refund_that_stripe_does_not_know_ends(payments, paid):
    payments.webhook(CREATED, "re_nobody")
    payments.work()
    payments.pass_time(days=1)
    payments.work()
    assert len(payments.stripe.called("retrieve_refund")) == 1


def test_no_more_leaves_than_came(payments, paid):
    payments.webhook(CREATED, payments.stripe.give_back(paid, 8_000), event_id="evt_1")
    payments.webhook(DISPUTED, payments.stripe.give_back(paid, 8_450, kind="dispute"), event_id="evt_2")
    payments.work()
    assert sum(event.amount_minor for event in payments.events(MoneyReturned)) == payments.only().amount_minor


def test_a_refund_of_a_payment_whose_outcome_was_unknown_settles_it_first(payments):
    payments.stripe.lose("confirm_intent", "after")
    assert payments.pay().state == "unknown"
    refund = payments.stripe.give_back(payments.stripe.only().intent_id, 2_000)
    payments.webhook(CREATED, refund)
    payments.work()
    assert payments.only().state == "succeeded"
    assert len(payments.events(MoneyReturned)) == 1


def test_a_refund_that_comes_before_the_payment_is_known_to_be_received_is_looked_at_again(payments):
    payments.stripe.lose("confirm_intent", "after")
    payments.stripe.lose("retrieve_intent", "before", times=3)
    assert payments.pay().state == "unknown"
    payments.webhook(CREATED, payments.stripe.give_back(payments.stripe.only().intent_id, 2_000))
    payments.work()
    assert payments.events(MoneyReturned) == []
    for _ in range(3):
        payments.pass_time(hours=2)
    assert len(payments.events(MoneyReturned)) == 1
