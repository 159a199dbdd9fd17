"""A payment intent moves between its states as Stripe's does, and refuses every other move."""

import pytest
import stripe

from tests.contract.sandbox.conftest import BY_CARD, error_of, typed_card
from tests.support.sandbox import RunningSandbox

VISA = "4242424242424242"
SALE = {"amount": 26700, "currency": "usd", "automatic_payment_methods": BY_CARD}


def test_created_then_confirmed_then_succeeded(api, browser_api, customer):
    card = typed_card(browser_api, VISA)
    intent = api.v1.payment_intents.create({**SALE, "customer": customer.id, "metadata": {"payment_id": "p-1"}})
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    paid = api.v1.payment_intents.confirm(intent.id, {"payment_method": card.id, "expand": ["latest_charge"]})
    assert (paid.status, paid.amount_received, paid.payment_method) == ("succeeded", 26700, card.id)
    charge = paid.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.paid, charge.captured, charge.amount_captured) == (True, True, 26700)
    assert charge.to_dict()["payment_method_details"]["card"]["last4"] == "4242"
    assert charge.metadata.to_dict() == {"payment_id": "p-1"}


def test_an_intent_with_a_method_waits_for_confirmation(api):
    intent = api.v1.payment_intents.create({**SALE, "payment_method": "pm_card_visa"})
    assert intent.status == "requires_confirmation"
    assert api.v1.payment_intents.retrieve(intent.id).status == "requires_confirmation"


def test_a_paid_intent_is_not_paid_again(api):
    intent = api.v1.payment_intents.create({**SALE, "payment_method": "pm_card_visa", "confirm": True})
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded") as refused:
        api.v1.payment_intents.confirm(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    assert error_of(refused).payment_intent["id"] == intent.id
    assert [each.type for each in api.v1.events.list().data].count("charge.succeeded") == 1


def test_an_intent_without_a_method_cannot_be_confirmed(api):
    intent = api.v1.payment_intents.create(SALE)
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method") as refused:
        api.v1.payment_intents.confirm(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"


def test_a_cancelled_intent_stays_cancelled(api):
    intent = api.v1.payment_intents.create({**SALE, "payment_method": "pm_card_visa"})
    cancelled = api.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    assert cancelled.canceled_at is not None
    for move in (api.v1.payment_intents.confirm, api.v1.payment_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError, match="status of canceled") as refused:
            move(intent.id)
        assert refused.value.code == "payment_intent_unexpected_state"


def test_a_paid_intent_cannot_be_cancelled(api):
    intent = api.v1.payment_intents.create({**SALE, "payment_method": "pm_card_visa", "confirm": True})
    with pytest.raises(stripe.InvalidRequestError, match="cannot cancel this PaymentIntent"):
        api.v1.payment_intents.cancel(intent.id)


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [(49, "usd", "amount_too_small"), (29, "gbp", "amount_too_small"), (100_000_000, "usd", "amount_too_large")],
)
def test_amounts_that_cannot_be_charged(api, amount, currency, code):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.v1.payment_intents.create({**SALE, "amount": amount, "currency": currency})
    assert (refused.value.code, refused.value.param) == (code, "amount")


def test_the_smallest_amount_can_be_charged(api):
    paid = api.v1.payment_intents.create({**SALE, "amount": 50, "payment_method": "pm_card_visa", "confirm": True})
    assert paid.status == "succeeded"


def test_a_card_is_kept_when_the_payment_says_so(api, browser_api, customer):
    card = typed_card(browser_api, VISA)
    api.v1.payment_intents.create(
        {
            **SALE,
            "customer": customer.id,
            "payment_method": card.id,
            "setup_future_usage": "off_session",
            "confirm": True,
        }
    )
    assert [each.id for each in api.v1.customers.payment_methods.list(customer.id).data] == [card.id]
    again = api.v1.payment_intents.create(
        {**SALE, "customer": customer.id, "payment_method": card.id, "confirm": True, "off_session": True}
    )
    assert again.status == "succeeded"


def test_a_card_that_was_not_kept_pays_once(api, browser_api):
    card = typed_card(browser_api, VISA)
    sale = {**SALE, "payment_method": card.id, "confirm": True}
    api.v1.payment_intents.create(sale)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        api.v1.payment_intents.create(sale)


def test_nobody_pays_with_another_customers_card(api, browser_api, customer):
    card = typed_card(browser_api, VISA)
    api.v1.payment_methods.attach(card.id, {"customer": customer.id})
    other = api.v1.customers.create({"email": "bo@example.com"})
    with pytest.raises(stripe.InvalidRequestError, match="does not have a payment method with the ID"):
        api.v1.payment_intents.create({**SALE, "customer": other.id, "payment_method": card.id})
    with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
        api.v1.payment_intents.create({**SALE, "payment_method": card.id})


def test_a_detached_card_is_gone_for_good(api, browser_api, customer):
    card = typed_card(browser_api, VISA)
    api.v1.payment_methods.attach(card.id, {"customer": customer.id})
    api.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
    assert api.v1.payment_methods.detach(card.id).customer is None
    assert api.v1.customers.payment_methods.list(customer.id).data == []
    assert api.v1.customers.retrieve(customer.id).invoice_settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        api.v1.payment_methods.attach(card.id, {"customer": customer.id})


def test_redirecting_methods_need_a_return_url(api):
    """Without payment_method_types Stripe offers every method of the account, those that redirect among them."""
    sale = {"amount": 500, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    with pytest.raises(stripe.InvalidRequestError, match="must provide a `return_url`"):
        api.v1.payment_intents.create(sale)
    assert api.v1.payment_intents.list().data == []
    automatic = {"enabled": True, "allow_redirects": "never"}
    assert api.v1.payment_intents.create({**sale, "automatic_payment_methods": automatic}).status == "succeeded"


@pytest.mark.parametrize(
    ("version", "taken"), [("2025-09-30.clover", True), ("2026-09-30.endive", False), (None, False)]
)
def test_listing_method_types_is_refused_by_the_versions_that_removed_it(sandbox: RunningSandbox, version, taken):
    """No version is the library's own, which is newer than the removal."""
    v1 = sandbox.stripe(version=version).v1
    types = {"payment_method_types": ["card"]}
    for create, params in (
        (v1.payment_intents.create, {"amount": 500, "currency": "usd"}),
        (v1.setup_intents.create, {}),
    ):
        if taken:
            assert create({**params, **types}).automatic_payment_methods is None
            continue
        with pytest.raises(stripe.InvalidRequestError, match="no longer supported") as refused:
            create({**params, **types})
        assert refused.value.code == "payment_method_types_no_longer_supported"


def test_the_browser_sees_an_intent_only_with_its_secret(api, sandbox: RunningSandbox):
    intent = api.v1.payment_intents.create({**SALE, "metadata": {"internal": "note"}})
    browser_api = sandbox.stripe(key=sandbox.settings.stripe_publishable_key)
    seen = browser_api.v1.payment_intents.retrieve(intent.id, {"client_secret": intent.client_secret})
    assert seen.status == "requires_payment_method"
    assert "metadata" not in seen
    with pytest.raises(stripe.InvalidRequestError):
        browser_api.v1.payment_intents.retrieve(intent.id, {"client_secret": f"{intent.id}_secret_guessed"})
    with pytest.raises(stripe.InvalidRequestError, match="client_secret"):
        browser_api.v1.payment_intents.retrieve(intent.id)
