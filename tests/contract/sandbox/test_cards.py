"""Test cards are declined as Stripe's are, when they are charged, attached or set up."""

import pytest
import stripe

from tests.contract.sandbox.conftest import BY_CARD, error_of, typed_card

DECLINES = [
    ("4000000000000002", "card_declined", "generic_decline"),
    ("4000000000009995", "card_declined", "insufficient_funds"),
    ("4000000000009987", "card_declined", "lost_card"),
    ("4000000000000069", "expired_card", None),
    ("4000000000000127", "incorrect_cvc", None),
    ("4000000000000119", "processing_error", None),
]
SALE = {"amount": 1000, "currency": "usd", "automatic_payment_methods": BY_CARD}


@pytest.mark.parametrize(
    ("number", "brand"), [("4242424242424242", "visa"), ("5555555555554444", "mastercard"), ("378282246310005", "amex")]
)
def test_good_cards_pay(api, browser_api, number, brand):
    card = typed_card(browser_api, number, cvc="1234" if brand == "amex" else "123")
    assert (card.card.brand, card.card.last4) == (brand, number[-4:])
    assert api.v1.payment_intents.create({**SALE, "payment_method": card.id, "confirm": True}).status == "succeeded"


@pytest.mark.parametrize(("number", "code", "decline_code"), DECLINES)
def test_a_decline_carries_the_intent_which_wants_another_card(api, browser_api, number, code, decline_code):
    card = typed_card(browser_api, number)
    intent = api.v1.payment_intents.create({**SALE, "payment_method": card.id})
    with pytest.raises(stripe.CardError) as declined:
        api.v1.payment_intents.confirm(intent.id)
    error = error_of(declined)
    assert (declined.value.http_status, declined.value.code) == (402, code)
    assert error.decline_code == decline_code
    assert error.payment_intent["id"] == intent.id
    assert error.payment_intent["status"] == "requires_payment_method"
    assert error.payment_method["id"] == card.id
    now = api.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (now.status, now.payment_method) == ("requires_payment_method", None)
    last = now.last_payment_error.to_dict()
    assert (last["code"], last.get("decline_code")) == (code, decline_code)
    assert (now.latest_charge.id, now.latest_charge.status) == (error.charge, "failed")


def test_a_declined_intent_is_paid_with_another_card(api, browser_api):
    declined = typed_card(browser_api, "4000000000000002")
    intent = api.v1.payment_intents.create({**SALE, "payment_method": declined.id})
    with pytest.raises(stripe.CardError):
        api.v1.payment_intents.confirm(intent.id)
    good = typed_card(browser_api, "4242424242424242")
    paid = api.v1.payment_intents.confirm(intent.id, {"payment_method": good.id})
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


@pytest.mark.parametrize(("number", "code", "decline_code"), DECLINES)
def test_a_declining_card_cannot_be_attached(api, browser_api, customer, number, code, decline_code):
    card = typed_card(browser_api, number)
    with pytest.raises(stripe.CardError) as declined:
        api.v1.payment_methods.attach(card.id, {"customer": customer.id})
    assert (declined.value.code, error_of(declined).decline_code) == (code, decline_code)
    assert api.v1.customers.payment_methods.list(customer.id).data == []


def test_the_card_that_attaches_and_then_declines(api, browser_api, customer):
    card = typed_card(browser_api, "4000000000000341")
    api.v1.payment_methods.attach(card.id, {"customer": customer.id})
    with pytest.raises(stripe.CardError) as declined:
        api.v1.payment_intents.create({**SALE, "customer": customer.id, "payment_method": card.id, "confirm": True})
    assert error_of(declined).decline_code == "generic_decline"
    assert [each.id for each in api.v1.customers.payment_methods.list(customer.id).data] == [card.id]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"number": "42"}, "incorrect_number"),
        ({"exp_month": 13}, "invalid_expiry_month"),
        ({"exp_year": 2020}, "invalid_expiry_year"),
        ({"cvc": "12"}, "invalid_cvc"),
    ],
)
def test_mistyped_cards_are_refused(browser_api, typed, code):
    with pytest.raises(stripe.CardError) as refused:
        typed_card(browser_api, **{"number": "4242424242424242", **typed})
    assert refused.value.code == code


def test_a_real_card_is_refused(browser_api):
    with pytest.raises(stripe.CardError, match="non test") as refused:
        typed_card(browser_api, "4539578763621486")
    assert error_of(refused).decline_code == "test_mode_live_card"


def test_a_server_may_not_send_card_numbers(api):
    with pytest.raises(stripe.StripeError, match="generally unsafe"):
        typed_card(api, "4242424242424242")


def test_no_card_number_is_kept(api, browser_api, sandbox, settings):
    typed_card(browser_api, "4000000000009995")
    assert "4000000000009995" not in settings.record_file.read_text()
    assert "4000000000009995" not in str(sandbox.parts.journal.entries())
    with sandbox.parts.database.transaction() as connection:
        bodies = [body for (body,) in connection.execute("SELECT body FROM documents UNION SELECT body FROM answers")]
    assert bodies
    assert not any("4000000000009995" in body for body in bodies)
