"""A setup intent keeps a card for its customer."""

import pytest
import stripe

from tests.contract.sandbox.conftest import BY_CARD, error_of, typed_card


@pytest.fixture
def setup(api, customer):
    return api.v1.setup_intents.create({"customer": customer.id, "automatic_payment_methods": BY_CARD})


def test_confirmed_in_the_browser_it_attaches_the_card(api, browser_api, customer, setup):
    card = typed_card(browser_api, "4242424242424242")
    confirmed = browser_api.v1.setup_intents.confirm(
        setup.id, {"client_secret": setup.client_secret, "payment_method": card.id}
    )
    assert (confirmed.status, confirmed.payment_method) == ("succeeded", card.id)
    kept = api.v1.payment_methods.retrieve(card.id)
    assert (kept.customer, kept.card.checks.cvc_check) == (customer.id, "pass")
    assert api.v1.payment_methods.list({"customer": customer.id, "type": "card"}).data[0].id == card.id


def test_a_declining_card_is_refused_and_the_intent_wants_another(api, browser_api, setup):
    card = typed_card(browser_api, "4000000000000002")
    with pytest.raises(stripe.CardError) as declined:
        api.v1.setup_intents.confirm(setup.id, {"payment_method": card.id})
    assert error_of(declined).setup_intent["status"] == "requires_payment_method"
    assert api.v1.setup_intents.retrieve(setup.id).last_setup_error.decline_code == "generic_decline"
    good = typed_card(browser_api, "4242424242424242")
    assert api.v1.setup_intents.confirm(setup.id, {"payment_method": good.id}).status == "succeeded"


def test_a_setup_is_done_once(api, setup):
    api.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    for move in (api.v1.setup_intents.confirm, api.v1.setup_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            move(setup.id)
        assert refused.value.code == "setup_intent_unexpected_state"


def test_a_cancelled_setup_keeps_no_card(api, customer, setup):
    assert api.v1.setup_intents.cancel(setup.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        api.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    assert api.v1.customers.payment_methods.list(customer.id).data == []


def test_without_a_method_it_cannot_be_confirmed(api, setup):
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method") as refused:
        api.v1.setup_intents.confirm(setup.id)
    assert refused.value.code == "setup_intent_unexpected_state"
