"""The Billing Info page: what it shows as cards and auto-pay stand, in one round of calls."""

import pytest

from contracts.payments import ContinueCardSetup, Decline, GetAutoPay, ListCards
from tests.support import gateway as views
from tests.support.gateway_wallet import Wallet, a_charge, an_auto_pay

DECLINE = Decline(
    code="card_declined", decline_code=None, message="Your bank said no. Nothing was charged.", next_step="Call it."
)


@pytest.fixture
def wallet(backend):
    """Ana's Visa, her expired Mastercard, and auto-pay, off."""
    old = views.a_card(card_id="card-mc", brand="mastercard", last4="4444", is_default=False, expired=True)
    wallet = Wallet([views.a_card(), old])
    wallet.register(backend)
    return wallet


@pytest.mark.parametrize(
    "address", ["", "?enter=save", "?enter=turn-on", "?enter=turn-on&card=card-visa", "?enter=change&declined=setup-1"]
)
def test_the_page_is_one_round_of_calls(ana, backend, wallet, address):
    assert ana.get(f"/billing-info{address}").status_code == 200
    assert (len(backend.gathers), len(backend.calls)) == (1, 0)


def test_cards_are_named_as_people_know_them_and_expired_ones_say_so(ana, backend):
    Wallet([views.a_card(brand="amex", last4="0005"), views.a_card(card_id="old", expired=True)]).register(backend)
    page = ana.get("/billing-info").text
    assert "American Express ·· 0005" in page
    assert "Expired</span>" in page


def test_without_cards_the_page_says_what_will_appear(ana, backend):
    Wallet([]).register(backend)
    page = ana.get("/billing-info").text
    assert "No saved cards" in page
    assert "Add a card" in page


def test_the_slider_is_a_switch_that_says_off(ana, wallet):
    page = ana.get("/billing-info").text
    assert 'role="switch" aria-checked="false"' in page
    assert 'name="enter" value="turn-on"' in page


@pytest.mark.parametrize("address", ["", "?enter=turn-on&card=card-visa"])
def test_stripe_is_loaded_only_where_a_card_is_entered(ana, wallet, address):
    answer = ana.get(f"/billing-info{address}")
    assert "js.stripe.com" not in answer.text
    assert "js.stripe.com" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("purpose", ["save", "turn-on"])
def test_card_entry_may_load_stripe(ana, wallet, purpose):
    answer = ana.get(f"/billing-info?enter={purpose}")
    assert "js.stripe.com" in answer.text
    assert "script-src 'self' https://js.stripe.com" in answer.headers["Content-Security-Policy"]


def test_a_saved_card_can_be_chosen_for_auto_pay_but_no_expired_one(ana, wallet):
    page = ana.get("/billing-info?enter=turn-on").text
    assert 'value="card-visa" checked' in page
    assert 'value="card-mc"' not in page


def test_the_second_step_names_the_card_the_balance_and_the_consent(ana, wallet):
    page = ana.get("/billing-info?enter=turn-on&card=card-visa").text
    assert "Visa ·· 4242" in page
    assert "<strong>$84.50</strong> that is open now" in page
    assert "I agree that Green Acres Lawn may charge this card, Visa ending in 4242," in page
    assert 'name="consent" value="1" required>' in page, "the box is not ticked for the customer"


@pytest.mark.parametrize("card_id", ["card-mc", "card-of-the-neighbour", "../../etc/passwd", "'\"><script>"])
def test_a_card_that_cannot_be_chosen_leads_back_to_the_choice(ana, wallet, card_id):
    answer = ana.get("/billing-info", query_string={"enter": "turn-on", "card": card_id})
    assert answer.status_code == 200
    assert "That card is not there any more" in answer.text
    assert "<script>" not in answer.text.replace("<script src", "")


def test_what_the_bank_said_stands_above_the_entry(ana, backend, wallet):
    setup = wallet.setups["setup-1"] = views.a_card_setup("failed", decline=DECLINE)
    page = ana.get(f"/billing-info?enter=turn-on&declined={setup.setup_id}").text
    assert "Your bank said no. Nothing was charged." in page
    assert "Call it." in page
    assert backend.asked(ContinueCardSetup)[0].setup_id == "setup-1"


def test_auto_pay_that_is_on_shows_the_next_charge_and_the_calendar(ana, wallet):
    wallet.auto_pay = an_auto_pay("on", maximum_minor=15000)
    wallet.plan(
        a_charge("1042"),
        a_charge("1043", state="skipped", charge_on=None, can_skip=False),
        a_charge("1044", state="above_maximum", charge_on=None, can_skip=False, can_opt_in=True, amount_minor=20000),
    )
    page = ana.get("/billing-info").text
    assert 'aria-checked="true"' in page
    assert "Next charge: " in page
    for words in ("in 7 days", "Skip this charge", "Undo skip", "Above your maximum", "Charge it", "$150.00"):
        assert words in page
    assert "Turn off auto-pay" in page


def test_auto_pay_with_nothing_planned_says_what_will_appear(ana, wallet):
    wallet.auto_pay = an_auto_pay("on")
    assert "No coming charges" in ana.get("/billing-info").text


def test_paused_auto_pay_says_why_and_has_the_rescue_open(ana, wallet):
    wallet.auto_pay = an_auto_pay("paused", pause_reason="declined")
    wallet.plan(a_charge(state="declined", charge_on=None, decline=DECLINE, can_skip=False))
    page = ana.get("/billing-info").text
    assert "Auto-pay is paused" in page
    assert "Your bank said no. Nothing was charged." in page
    assert "Use this card" in page
    assert "js.stripe.com" in page


def test_a_decline_that_is_tried_again_offers_another_card(ana, wallet):
    wallet.auto_pay = an_auto_pay("on")
    wallet.plan(a_charge(state="retrying", decline=DECLINE))
    page = ana.get("/billing-info").text
    assert "Use another card, tried at once" in page
    assert "Declined, tried again" in page


@pytest.mark.parametrize(("command", "words"), [(ListCards, "Your cards are"), (GetAutoPay, "Auto-pay is")])
def test_a_part_without_its_answer_says_so_and_the_rest_stands(ana, backend, wallet, command, words):
    del backend._answers[command]
    answer = ana.get("/billing-info?enter=turn-on")
    assert answer.status_code == 200
    assert f"{words} temporarily unavailable" in answer.text


def test_without_billing_auto_pay_can_be_turned_on_all_the_same(ana, backend, wallet):
    backend.take_away("billing")
    page = ana.get("/billing-info?enter=turn-on&card=card-visa").text
    assert "cannot be shown at the moment" in page
    assert "Submit" in page


def test_a_stranger_is_led_to_log_in_and_back(stranger, wallet):
    answer = stranger.get("/billing-info?enter=turn-on&card=card-visa")
    assert answer.location == "/login?next=/billing-info?enter%3Dturn-on%26card%3Dcard-visa"


@pytest.mark.parametrize(
    ("state", "words"),
    [("off", "Turn it on and never be late"), ("on", "Nothing is planned"), ("paused", "until you choose a card")],
)
def test_the_dashboard_says_how_auto_pay_stands(ana, backend, wallet, state, words):
    wallet.auto_pay = an_auto_pay(state)
    assert words in ana.get("/").text
    assert len(backend.gathers) == 1


def test_the_dashboard_names_the_next_charge(ana, wallet):
    wallet.auto_pay = an_auto_pay("on")
    wallet.plan(a_charge(amount_minor=12345))
    page = ana.get("/").text
    assert "$123.45" in page
    assert "2026-07-10" in page


def test_the_dashboard_stands_without_auto_pays_answer(ana, backend, wallet):
    del backend._answers[GetAutoPay]
    page = ana.get("/").text
    assert "Auto-pay is temporarily unavailable" in page
    assert "Balance Due" in page
