"""The script that stands in for Stripe.js, in a page of another origin under a strict policy, driven by Chromium."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask, Response
from playwright.sync_api import Browser, Page

from tests.contract.sandbox.conftest import BY_CARD, typed_card
from tests.support.sandbox import TIMEOUT_S, RunningSandbox, served

PAGE = """<!doctype html><html lang="en"><title>Pay</title>
<form><div id="card"></div><button>Pay</button></form>
<script src="{base}/js/v3/"></script><script src="/page.js"></script></html>"""
SCRIPT = """
window.stripe = Stripe("{key}");
window.elements = stripe.elements();
window.card = elements.create("card");
window.changes = [];
card.on("change", (event) => changes.push(event));
card.mount("#card");
"""


@pytest.fixture
def page(chromium: Browser, sandbox: RunningSandbox) -> Iterator[Page]:
    """A page with the card drawn; afterwards nothing was said in its console and nothing broke its policy."""
    portal = Flask("portal")

    @portal.get("/")
    def index() -> Response:
        response = Response(PAGE.format(base=sandbox.stripe_base), mimetype="text/html")
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self' {sandbox.address}; style-src 'self' {sandbox.address}; "
            f"connect-src {sandbox.address}; form-action 'self'; img-src data:"
        )
        return response

    @portal.get("/page.js")
    def script() -> Response:
        return Response(SCRIPT.format(key=sandbox.settings.stripe_publishable_key), mimetype="text/javascript")

    with served(portal) as address:
        opened = chromium.new_page()
        opened.set_default_timeout(TIMEOUT_S * 1000)
        said: list[str] = []
        # The browser itself reports each answer of an error status, a declined card's 402 among them.
        opened.on("console", lambda each: None if "Failed to load resource" in each.text else said.append(each.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.goto(f"{address}/")
        yield opened
        opened.close()
        assert said == []


def type_card(page: Page, number: str, expiry: str = "1240", cvc: str = "123") -> None:
    page.get_by_label("Card number").press_sequentially(number)
    page.get_by_label("Expiry date").press_sequentially(expiry)
    page.get_by_label("Security code").press_sequentially(cvc)
    page.get_by_label("Postal code").fill("12345")


def make_method(page: Page) -> Any:
    return page.evaluate("stripe.createPaymentMethod({type: 'card', card, billing_details: {name: 'Ana'}})")


def test_a_typed_card_becomes_a_payment_method(page, api):
    type_card(page, "4242424242424242")
    assert page.get_by_label("Card number").input_value() == "4242 4242 4242 4242"
    assert page.get_by_label("Expiry date").input_value() == "12 / 40"
    made = make_method(page)
    assert "error" not in made
    found = api.v1.payment_methods.retrieve(made["paymentMethod"]["id"])
    assert (found.card.last4, found.card.exp_month, found.card.exp_year) == ("4242", 12, 2040)
    assert (found.billing_details.name, found.billing_details.address.postal_code) == ("Ana", "12345")
    assert page.evaluate("changes.at(-1)")["complete"] is True
    assert page.evaluate("changes.at(-1)")["brand"] == "visa"


def test_the_fields_look_as_the_stylesheet_says(page):
    number = page.get_by_label("Card number")
    page.wait_for_function("getComputedStyle(document.querySelector('.stand-in-element')).display === 'grid'")
    box = number.bounding_box()
    assert box is not None
    assert box["height"] >= 44


def test_no_card_field_is_submitted_with_its_form(page):
    type_card(page, "4242424242424242")
    assert page.evaluate("[...new FormData(document.querySelector('form')).keys()]") == []


@pytest.mark.parametrize(
    ("number", "expiry", "cvc", "code"),
    [
        ("4242", "1240", "123", "incomplete_number"),
        ("4242424242424241", "1240", "123", "invalid_number"),
        ("4242424242424242", "1220", "123", "invalid_expiry_year_past"),
        ("4242424242424242", "12", "123", "incomplete_expiry"),
        ("378282246310005", "1240", "123", "incomplete_cvc"),
    ],
)
def test_a_mistyped_card_is_named_and_its_field_focused(page, sandbox: RunningSandbox, number, expiry, cvc, code):
    type_card(page, number, expiry, cvc)
    made = make_method(page)
    assert (made["error"]["type"], made["error"]["code"]) == ("validation_error", code)
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert sandbox.parts.journal.entries() == []


def test_what_the_api_refuses_is_an_error_of_its_shape(page):
    type_card(page, "4539578763621486")
    made = make_method(page)
    assert made["error"]["decline_code"] == "test_mode_live_card"


@pytest.mark.parametrize(("button", "status"), [("Complete", "succeeded"), ("Fail", "requires_payment_method")])
def test_the_dialog_asks_the_holder_and_tells_how_it_ended(page, api, browser_api, button, status):
    card = typed_card(browser_api, "4000002760003184")
    intent = api.v1.payment_intents.create(
        {
            "amount": 26700,
            "currency": "usd",
            "payment_method": card.id,
            "automatic_payment_methods": BY_CARD,
            "confirm": True,
            "use_stripe_sdk": True,
        }
    )
    page.evaluate(
        "secret => { window.result = stripe.handleNextAction({clientSecret: secret}); }", intent.client_secret
    )
    dialog = page.get_by_role("dialog", name="3-D Secure check")
    assert "$267.00" in dialog.inner_text()
    dialog.get_by_role("button", name=f"{button} authentication").click()
    result = page.evaluate("window.result")
    assert api.v1.payment_intents.retrieve(intent.id).status == status
    if status == "succeeded":
        assert result["paymentIntent"]["status"] == "succeeded"
    else:
        assert result["error"]["code"] == "payment_intent_authentication_failure"
        assert result["error"]["payment_intent"]["id"] == intent.id
    assert page.get_by_role("dialog").count() == 0


def test_escape_in_the_dialog_fails_the_check(page, api, browser_api):
    card = typed_card(browser_api, "4000002760003184")
    intent = api.v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "usd",
            "payment_method": card.id,
            "automatic_payment_methods": BY_CARD,
            "confirm": True,
        }
    )
    page.evaluate(
        "secret => { window.result = stripe.handleNextAction({clientSecret: secret}); }", intent.client_secret
    )
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    assert page.evaluate("window.result")["error"]["code"] == "payment_intent_authentication_failure"


@pytest.mark.parametrize("number", ["4242424242424242", "4000002500003155"])
def test_a_card_is_set_up_asking_the_holder_where_needed(page, api, customer, number):
    setup = api.v1.setup_intents.create({"customer": customer.id, "automatic_payment_methods": BY_CARD})
    type_card(page, number)
    page.evaluate(
        "secret => { window.result = stripe.confirmCardSetup(secret, {payment_method: {card}}); }", setup.client_secret
    )
    if number != "4242424242424242":
        page.get_by_role("button", name="Complete authentication").click()
    result = page.evaluate("window.result")
    assert result["setupIntent"]["status"] == "succeeded"
    assert [each.card.last4 for each in api.v1.customers.payment_methods.list(customer.id).data] == [number[-4:]]


def test_a_declining_card_is_not_set_up(page, api, customer):
    setup = api.v1.setup_intents.create({"customer": customer.id, "automatic_payment_methods": BY_CARD})
    type_card(page, "4000000000009995")
    result = page.evaluate("secret => stripe.confirmCardSetup(secret, {payment_method: {card}})", setup.client_secret)
    assert result["error"]["decline_code"] == "insufficient_funds"
    assert result["error"]["setup_intent"]["status"] == "requires_payment_method"


def test_an_unreachable_api_is_an_error_not_an_exception(page, sandbox: RunningSandbox):
    type_card(page, "4242424242424242")
    page.route(
        "**/v1/payment_methods", lambda route: route.fulfill(status=502, body="<html>", content_type="text/html")
    )
    assert make_method(page)["error"]["type"] == "api_connection_error"
    page.unroute_all()


def test_a_secret_key_is_refused_in_the_page(page):
    assert "publishable key" in page.evaluate(
        "(() => { try { Stripe('sk_test_x') } catch (e) { return e.message } })()"
    )


def test_pages_of_any_origin_may_ask(sandbox: RunningSandbox):
    asked = requests.options(
        f"{sandbox.stripe_base}/v1/payment_methods",
        headers={
            "Origin": "https://portal.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        },
        timeout=TIMEOUT_S,
    )
    assert asked.ok
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in asked.headers
