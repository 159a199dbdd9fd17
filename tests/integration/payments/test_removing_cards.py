"""A card that was removed is charged no more, and Stripe forgets it whenever it answers."""

from functools import partial

import pytest

from contracts import codes
from contracts.payments import CancelPayment, CardView, ContinueCardSetup, RemoveCard
from contracts.wire import Refused
from services.payments.clients.provider import ProviderRefused
from tests.support.payments import CUSTOMER, NEIGHBOUR, Crash, Payments
from tests.support.payments_at_once import at_once


def _remove(payments: Payments, card: CardView, *, customer_id: str = CUSTOMER) -> list[CardView]:
    return payments.ask(RemoveCard(customer_id=customer_id, card_id=card.card_id)).cards


def test_a_removed_card_is_gone_here_and_at_stripe(payments: Payments):
    card = payments.saved_card()

    assert _remove(payments, card) == []
    assert payments.cards() == []
    payments.work()
    assert payments.stripe.kept() == []


def test_a_removed_card_pays_nothing_even_before_stripe_has_forgotten_it(payments: Payments):
    card = payments.saved_card()
    _remove(payments, card)

    with pytest.raises(Refused) as refusal:
        payments.pay(payment_method=None, card_id=card.card_id)

    assert refusal.value.code == codes.NOT_FOUND
    assert payments.stripe.charges() == 0


def test_removing_twice_changes_nothing(payments: Payments):
    card, other = payments.saved_card(), payments.saved_card("pm_other")
    _remove(payments, card)

    assert [each.card_id for each in _remove(payments, card)] == [other.card_id]
    payments.work()
    assert payments.stripe.detached == ["pm_visa"]


@pytest.mark.parametrize("whose", ["the neighbour's", "nobody's", "the neighbour's removed one"])
def test_a_card_of_others_cannot_be_removed(payments: Payments, whose):
    card = payments.saved_card()
    if whose == "nobody's":
        card = CardView(card_id="../../etc/passwd", brand="visa", last4="4242", exp_month=1, exp_year=2030)
    if whose == "the neighbour's removed one":
        _remove(payments, card)

    with pytest.raises(Refused) as refusal:
        _remove(payments, card, customer_id=NEIGHBOUR)

    assert refusal.value.code == codes.NOT_FOUND


def test_after_the_default_the_newest_card_is_offered_first(payments: Payments):
    first, _, newest = payments.saved_card(), payments.saved_card("pm_second"), payments.saved_card("pm_third")

    left = _remove(payments, first)

    assert [card.card_id for card in left if card.is_default] == [newest.card_id]


def test_a_removed_card_can_be_added_again(payments: Payments):
    _remove(payments, payments.saved_card("pm_visa__1"))

    again = payments.add_card("pm_visa__2")
    payments.work()

    assert (again.state, again.was_saved_before) == ("succeeded", False)
    assert payments.stripe.kept() == ["pm_visa__2"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_stripe_is_told_again_when_it_did_not_answer(payments: Payments, when):
    card = payments.saved_card()
    payments.stripe.lose("detach", when)
    _remove(payments, card)
    payments.work()

    payments.pass_time(minutes=3)

    assert payments.stripe.detached == ["pm_visa"]
    told = len(payments.stripe.called("detach"))
    payments.pass_time(days=2)
    assert len(payments.stripe.called("detach")) == told


def test_a_refusal_of_our_key_says_nothing_about_the_card(payments: Payments):
    card = payments.saved_card()
    payments.stripe.strike("detach", "before", ProviderRefused("AuthenticationError", "the key was changed"))
    _remove(payments, card)
    payments.work()

    payments.pass_time(minutes=3)

    assert payments.stripe.detached == ["pm_visa"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_while_stripe_is_told_leaves_it_to_be_told_again(payments: Payments, when):
    card = payments.saved_card()
    _remove(payments, card)
    payments.doom("detach", when)
    with pytest.raises(Crash):
        payments.work()

    payments.pass_time(minutes=6)

    assert payments.stripe.detached == ["pm_visa"]


def test_a_card_that_is_being_charged_can_be_removed_only_when_that_is_over(payments: Payments):
    setup = payments.add_card("pm_asks")
    payments.stripe.answer_bank()
    card = payments.ask(ContinueCardSetup(customer_id=CUSTOMER, setup_id=setup.setup_id)).card
    assert card is not None
    payment = payments.pay(payment_method=None, card_id=card.card_id)
    assert payment.state == "requires_action"

    with pytest.raises(Refused) as refusal:
        _remove(payments, card)
    assert refusal.value.code == codes.WRONG_STATE

    payments.ask(CancelPayment(customer_id=CUSTOMER, payment_id=payment.payment_id))
    assert _remove(payments, card) == []


def test_the_older_entry_of_a_card_is_forgotten_only_when_no_payment_needs_it(payments: Payments):
    card = payments.saved_card("pm_slow__1")
    payment = payments.pay(payment_method=None, card_id=card.card_id, amount_minor=5_000)
    payments.change(payment.payment_id, state="processing", payment_method_id="pm_slow__1")
    payments.add_card("pm_slow__2")
    payments.work()
    assert payments.stripe.detached == []

    payments.change(payment.payment_id, state="succeeded")
    payments.pass_time(minutes=6)
    assert payments.stripe.detached == ["pm_slow__1"]


def test_paying_and_removing_at_once_never_charges_a_card_that_is_gone(payments: Payments):
    for number in range(6):
        card = payments.saved_card(f"pm_number{number}")
        charges = payments.stripe.charges()
        payments.billing.holds.clear()
        payments.billing.customers.clear()

        paid, removed = at_once(
            partial(payments.pay, key=f"form-{number}", payment_method=None, card_id=card.card_id),
            partial(_remove, payments, card),
        )

        if isinstance(removed, Refused):
            # The payment was first: the card is left to it.
            assert removed.code == codes.WRONG_STATE
            assert paid.state == "succeeded"
        elif isinstance(paid, Refused):
            assert paid.code == codes.NOT_FOUND
            assert payments.stripe.charges() == charges
        else:
            assert paid.state == "succeeded", "the payment was over before the card was removed"


def test_two_cards_added_at_once_have_one_default_between_them(payments: Payments):
    views = at_once(*[partial(payments.add_card, f"pm_number{number}") for number in range(4)])

    assert {view.state for view in views} == {"succeeded"}
    assert sum(card.is_default for card in payments.cards()) == 1


def test_a_double_click_on_submit_adds_one_card(payments: Payments):
    views = at_once(*[payments.add_card] * 4)

    assert {view.state for view in views} == {"succeeded"}
    assert len({view.setup_id for view in views}) == len(payments.cards()) == len(payments.stripe.setups) == 1
