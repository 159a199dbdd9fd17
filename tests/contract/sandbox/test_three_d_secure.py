"""3-D Secure: asked when the holder is there, declined when not, and answered once."""

from typing import Any

import pytest
import requests
import stripe

from tests.contract.sandbox.conftest import BY_CARD, error_of, typed_card
from tests.support.sandbox import TIMEOUT_S

SALE = {"amount": 1000, "currency": "usd", "automatic_payment_methods": BY_CARD}
ONCE_SET_UP = "4000002500003155"
ALWAYS = "4000002760003184"


def answer(intent: Any, outcome: str, **options: Any) -> requests.Response:
    action = intent.next_action
    page = action.redirect_to_url.url if action.type == "redirect_to_url" else action.use_stripe_sdk["stripe_js"]
    return requests.post(page, data={"outcome": outcome}, timeout=TIMEOUT_S, **options)


@pytest.mark.parametrize("number", [ONCE_SET_UP, ALWAYS, "4000000000003220"])
def test_on_session_the_holder_is_asked_and_then_it_is_paid(api, browser_api, number):
    card = typed_card(browser_api, number)
    intent = api.v1.payment_intents.create({**SALE, "payment_method": card.id, "confirm": True, "use_stripe_sdk": True})
    assert (intent.status, intent.amount_received) == ("requires_action", 0)
    assert intent.next_action.type == "use_stripe_sdk"
    assert answer(intent, "complete").ok
    paid = api.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (paid.status, paid.next_action) == ("succeeded", None)
    assert paid.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"


def test_a_failed_answer_leaves_the_intent_wanting_another_card(api, browser_api):
    card = typed_card(browser_api, ALWAYS)
    intent = api.v1.payment_intents.create({**SALE, "payment_method": card.id, "confirm": True})
    answer(intent, "fail")
    failed = api.v1.payment_intents.retrieve(intent.id)
    assert (failed.status, failed.latest_charge) == ("requires_payment_method", None)
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"


def test_a_second_answer_changes_nothing(api, browser_api):
    card = typed_card(browser_api, ALWAYS)
    intent = api.v1.payment_intents.create({**SALE, "payment_method": card.id, "confirm": True})
    answer(intent, "complete")
    answer(intent, "fail")
    assert api.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert [each.type for each in api.v1.events.list().data].count("charge.succeeded") == 1


def test_an_answer_after_the_cancellation_takes_no_money(api, browser_api):
    card = typed_card(browser_api, ALWAYS)
    intent = api.v1.payment_intents.create({**SALE, "payment_method": card.id, "confirm": True})
    api.v1.payment_intents.cancel(intent.id)
    answer(intent, "complete")
    assert api.v1.payment_intents.retrieve(intent.id).status == "canceled"


def test_with_a_return_url_the_holder_is_sent_back_to_it(api, browser_api):
    card = typed_card(browser_api, ALWAYS)
    intent = api.v1.payment_intents.create(
        {**SALE, "payment_method": card.id, "confirm": True, "return_url": "http://portal.example/pay?from=3ds"}
    )
    assert intent.next_action.type == "redirect_to_url"
    page = requests.get(intent.next_action.redirect_to_url.url, timeout=TIMEOUT_S)
    assert "do you approve the payment of $10.00?" in page.text
    back = answer(intent, "complete", headers={"Accept": "text/html"}, allow_redirects=False)
    assert back.status_code == 303
    assert back.headers["Location"].startswith(f"http://portal.example/pay?from=3ds&payment_intent={intent.id}&")
    assert back.headers["Location"].endswith("&redirect_status=succeeded")


def test_off_session_a_payment_that_needs_the_holder_is_declined(api, browser_api, customer):
    card = typed_card(browser_api, ONCE_SET_UP)
    api.v1.payment_methods.attach(card.id, {"customer": customer.id})
    sale = {**SALE, "customer": customer.id, "payment_method": card.id, "confirm": True, "off_session": True}
    with pytest.raises(stripe.CardError) as declined:
        api.v1.payment_intents.create(sale)
    assert (declined.value.http_status, declined.value.code) == (402, "authentication_required")
    assert error_of(declined).decline_code == "authentication_required"
    assert error_of(declined).payment_intent["status"] == "requires_payment_method"


def test_once_set_up_a_card_pays_off_session(api, browser_api, customer):
    card = typed_card(browser_api, ONCE_SET_UP)
    setup = api.v1.setup_intents.create(
        {"customer": customer.id, "payment_method": card.id, "automatic_payment_methods": BY_CARD, "confirm": True}
    )
    assert setup.status == "requires_action"
    answer(setup, "complete")
    assert api.v1.setup_intents.retrieve(setup.id).status == "succeeded"
    sale = {**SALE, "customer": customer.id, "payment_method": card.id, "confirm": True}
    assert api.v1.payment_intents.create({**sale, "off_session": True}).status == "succeeded"
    assert api.v1.payment_intents.create(sale).status == "requires_action"


def test_a_card_that_always_asks_is_declined_off_session_even_set_up(api, browser_api, customer):
    card = typed_card(browser_api, ALWAYS)
    setup = api.v1.setup_intents.create(
        {"customer": customer.id, "payment_method": card.id, "automatic_payment_methods": BY_CARD, "confirm": True}
    )
    answer(setup, "complete")
    with pytest.raises(stripe.CardError) as declined:
        api.v1.payment_intents.create(
            {**SALE, "customer": customer.id, "payment_method": card.id, "confirm": True, "off_session": True}
        )
    assert declined.value.code == "authentication_required"


def test_with_manual_confirmation_the_server_confirms_once_more(api, browser_api):
    card = typed_card(browser_api, ALWAYS)
    intent = api.v1.payment_intents.create({**SALE, "payment_method": card.id, "confirmation_method": "manual"})
    asked = api.v1.payment_intents.confirm(intent.id, {"use_stripe_sdk": True})
    answer(asked, "complete")
    assert api.v1.payment_intents.retrieve(intent.id).status == "requires_confirmation"
    assert api.v1.payment_intents.confirm(intent.id).status == "succeeded"


def test_a_decline_after_the_answer_shows_in_the_intent(api, browser_api):
    card = typed_card(browser_api, "4000008260003178")
    intent = api.v1.payment_intents.create({**SALE, "payment_method": card.id, "confirm": True})
    answer(intent, "complete")
    declined = api.v1.payment_intents.retrieve(intent.id)
    assert declined.status == "requires_payment_method"
    assert declined.last_payment_error.decline_code == "insufficient_funds"


def test_error_on_requires_action_declines_instead_of_asking(api, browser_api):
    card = typed_card(browser_api, ALWAYS)
    with pytest.raises(stripe.CardError) as declined:
        api.v1.payment_intents.create(
            {**SALE, "payment_method": card.id, "confirm": True, "error_on_requires_action": True}
        )
    assert declined.value.code == "authentication_required"
