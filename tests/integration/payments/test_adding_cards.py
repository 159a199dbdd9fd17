"""Saving a card without paying: once each, with the bank's consent, whatever is lost or killed on the way."""

from datetime import UTC, datetime

import pytest

from contracts import codes
from contracts.payments import (
    MOST_CARDS,
    CancelCardSetup,
    CardSetupView,
    ContinueCardSetup,
    MakeCardDefault,
    PaymentSucceeded,
)
from contracts.wire import Refused
from tests.support.payments import CUSTOMER, NEIGHBOUR, Crash, Payments
from tests.support.payments_card_keeper import DECLINED, UNUSABLE


def _look(payments: Payments, setup: CardSetupView) -> CardSetupView:
    return payments.ask(ContinueCardSetup(customer_id=CUSTOMER, setup_id=setup.setup_id))


def test_a_card_is_saved_for_charges_without_its_holder_and_nothing_is_charged(payments: Payments):
    view = payments.add_card()

    assert (view.state, view.settled, view.was_saved_before) == ("succeeded", True, False)
    assert view.card is not None
    assert (view.card.last4, view.card.exp_month, view.card.exp_year) == ("4242", 12, 2030)
    assert payments.cards() == [view.card]
    assert payments.stripe.kept() == ["pm_visa"]
    assert payments.stripe.charges() == 0
    assert payments.events(PaymentSucceeded) == []


def test_a_saved_card_pays(payments: Payments):
    card = payments.saved_card()

    assert payments.pay(payment_method=None, card_id=card.card_id).state == "succeeded"
    (new,) = payments.stripe.called("create_intent")
    assert new.payment_method == "pm_visa"


def test_a_customer_has_one_counterpart_at_stripe_for_cards_and_payments(payments: Payments):
    payments.add_card()
    payments.add_card("pm_other")
    payments.pay()

    assert len(payments.stripe.customers) == 1


def test_the_first_card_is_the_default_and_another_can_be_made_it(payments: Payments):
    first, second = payments.saved_card(), payments.saved_card("pm_other")
    assert [(card.card_id, card.is_default) for card in payments.cards()] == [
        (first.card_id, True),
        (second.card_id, False),
    ]

    answer = payments.ask(MakeCardDefault(customer_id=CUSTOMER, card_id=second.card_id))

    assert answer.cards == payments.cards()
    assert [(card.card_id, card.is_default) for card in answer.cards] == [
        (second.card_id, True),
        (first.card_id, False),
    ]


def test_the_neighbours_card_cannot_be_made_the_default(payments: Payments):
    card = payments.saved_card()

    with pytest.raises(Refused) as refusal:
        payments.ask(MakeCardDefault(customer_id=NEIGHBOUR, card_id=card.card_id))

    assert refusal.value.code == codes.NOT_FOUND


def test_the_same_key_adds_one_card(payments: Payments):
    assert payments.add_card() == payments.add_card()
    assert len(payments.stripe.setups) == 1


def test_the_same_key_with_another_card_is_refused(payments: Payments):
    payments.add_card(key="form")

    with pytest.raises(Refused) as refusal:
        payments.add_card("pm_other", key="form")

    assert refusal.value.code == codes.KEY_REUSED
    assert len(payments.cards()) == 1


def test_the_same_card_entered_again_is_one_card_and_stripe_forgets_the_older_entry(payments: Payments):
    first = payments.saved_card("pm_visa__1")

    again = payments.add_card("pm_visa__2")

    assert (again.state, again.was_saved_before) == ("succeeded", True)
    assert [card.card_id for card in payments.cards()] == [first.card_id]
    payments.work()
    assert payments.stripe.kept() == ["pm_visa__2"]


def test_a_card_that_is_kept_while_paying_is_the_same_as_one_that_was_added(payments: Payments):
    payments.add_card("pm_works__1")
    payments.pay(save_card=True)

    assert len(payments.cards()) == 1


@pytest.mark.parametrize("method", sorted(DECLINED))
def test_a_declined_card_is_not_saved_and_the_answer_says_why(payments: Payments, method):
    view = payments.add_card(method)

    assert (view.state, view.card) == ("failed", None)
    assert view.decline is not None
    assert view.decline.message.endswith("Nothing was charged.")
    assert payments.cards() == []
    (made,) = payments.stripe.setups.values()
    assert made.setup.status == "canceled"


def test_a_decline_stands_although_its_cancellation_got_no_answer(payments: Payments):
    payments.stripe.lose("cancel_setup", "before")
    assert payments.add_card("pm_no_money").state == "failed"


def test_a_card_that_stripe_does_not_know_is_a_decline(payments: Payments):
    assert payments.add_card(UNUSABLE).state == "failed"


def test_three_d_secure_is_asked_and_finished(payments: Payments):
    view = payments.add_card("pm_asks")
    assert (view.state, view.settled, view.card) == ("requires_action", False, None)
    assert view.client_secret is not None
    assert payments.cards() == []

    payments.stripe.answer_bank()
    assert _look(payments, view).state == "succeeded"
    assert len(payments.cards()) == 1


def test_the_secret_of_three_d_secure_is_told_again_to_who_comes_back(payments: Payments):
    view = payments.add_card("pm_asks")
    assert _look(payments, view).client_secret == view.client_secret
    assert payments.add_card("pm_asks").client_secret == view.client_secret


def test_a_failed_authentication_saves_nothing(payments: Payments):
    view = payments.add_card("pm_asks")
    payments.stripe.answer_bank(completed=False)

    after = _look(payments, view)
    assert after.state == "failed"
    assert after.decline is not None
    assert "could not confirm" in after.decline.message
    assert payments.cards() == []


def test_a_customer_can_give_up_before_the_bank_has_answered(payments: Payments):
    view = payments.add_card("pm_asks")

    assert payments.ask(CancelCardSetup(customer_id=CUSTOMER, setup_id=view.setup_id)).state == "cancelled"
    assert payments.stripe.kept() == []


def test_giving_up_after_the_bank_has_agreed_says_that_the_card_is_saved(payments: Payments):
    view = payments.add_card("pm_asks")
    payments.stripe.answer_bank()

    assert payments.ask(CancelCardSetup(customer_id=CUSTOMER, setup_id=view.setup_id)).state == "succeeded"


def test_a_webhook_saves_the_card_of_who_closed_the_page(payments: Payments):
    payments.add_card("pm_asks")
    payments.stripe.answer_bank()
    (stripe_setup_id,) = payments.stripe.setups

    payments.webhook("setup_intent.succeeded", stripe_setup_id)
    payments.work()

    assert len(payments.cards()) == 1


def test_without_a_webhook_the_card_is_saved_when_it_is_looked_at_again(payments: Payments):
    payments.add_card("pm_asks")
    payments.stripe.answer_bank()

    payments.pass_time(minutes=30)

    assert len(payments.cards()) == 1


def test_an_abandoned_authentication_is_cancelled_at_stripe(payments: Payments):
    view = payments.add_card("pm_asks")

    payments.pass_time(minutes=31)

    assert _look(payments, view).state == "cancelled"
    (made,) = payments.stripe.setups.values()
    assert made.setup.status == "canceled"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", ["create_customer", "create_setup", "confirm_setup"])
@pytest.mark.parametrize("again", ["the customer", "the worker"])
def test_a_lost_answer_is_settled_by_asking_not_by_a_second_card(payments: Payments, call, when, again):
    payments.stripe.lose(call, when)
    view = payments.add_card()
    assert (view.state, view.settled) == ("unknown", False)

    if again == "the customer":
        assert payments.add_card().state == "succeeded"
    else:
        payments.pass_time(minutes=5)

    assert len(payments.cards()) == len(payments.stripe.setups) == len(payments.stripe.kept()) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", ["create_customer", "create_setup", "confirm_setup"])
def test_a_kill_anywhere_leaves_what_can_be_finished(payments: Payments, call, when):
    payments.doom(call, when)
    with pytest.raises(Crash):
        payments.add_card()

    payments.pass_time(minutes=5)

    assert len(payments.cards()) == len(payments.stripe.setups) == len(payments.stripe.kept()) == 1


def test_a_setup_that_stripe_never_answers_about_is_given_up_without_a_card(payments: Payments):
    payments.stripe.lose("confirm_setup", "before", times=9)
    view = payments.add_card()

    payments.pass_time(minutes=5)
    payments.pass_time(hours=1)

    assert _look(payments, view).state == "cancelled"
    assert payments.cards() == []


def test_more_cards_than_can_be_kept_are_refused(payments: Payments):
    for number in range(MOST_CARDS):
        payments.add_card(f"pm_number{number}")
        payments.clock.at = payments.clock.at.replace(day=payments.clock.at.day + (number % 10 == 9))

    with pytest.raises(Refused) as refusal:
        payments.add_card("pm_one_more")

    assert (refusal.value.code, refusal.value.details) == (codes.LIMIT_REACHED, {"limit": MOST_CARDS})
    assert len(payments.stripe.setups) == MOST_CARDS
    payments.pay(save_card=True)
    payments.work()
    assert len(payments.cards()) == MOST_CARDS
    assert len(payments.stripe.detached) == 1, "what is not kept here is not kept at Stripe"


def test_many_cards_tried_within_an_hour_are_held_up(payments: Payments):
    for number in range(30):
        payments.add_card("pm_no_money", key=f"form-{number}")

    with pytest.raises(Refused) as refusal:
        payments.add_card("pm_no_money", key="one more")

    assert refusal.value.code == codes.THROTTLED
    payments.pass_time(minutes=61)
    assert payments.add_card().state == "succeeded"


def test_a_card_is_expired_when_its_last_month_is_over(payments: Payments):
    payments.add_card()
    payments.clock.at = datetime(2031, 1, 1, 4, tzinfo=UTC)
    assert not payments.cards()[0].expired, "it is December still where the business is"

    payments.clock.at = datetime(2031, 1, 1, 6, tzinfo=UTC)
    assert payments.cards()[0].expired


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": ""},
        {"key": "x" * 201},
        {"customer_id": ""},
        {"payment_method": "tok_visa"},
        {"payment_method": "pm_/.."},
    ],
)
def test_a_request_that_cannot_be_right_is_refused(payments: Payments, wrong):
    with pytest.raises(Refused) as refusal:
        payments.add_card(**wrong)

    assert refusal.value.code == codes.INVALID


def test_the_neighbours_setup_does_not_exist(payments: Payments):
    view = payments.add_card("pm_asks")

    for command in (ContinueCardSetup, CancelCardSetup):
        with pytest.raises(Refused) as refusal:
            payments.ask(command(customer_id=NEIGHBOUR, setup_id=view.setup_id))
        assert refusal.value.code == codes.NOT_FOUND
