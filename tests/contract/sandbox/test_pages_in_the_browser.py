"""The sandbox's pages as a person meets them: links in e-mails open, the phone answers, the bank's page sends back."""

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.contract.sandbox.conftest import BY_CARD
from tests.support.sandbox import TIMEOUT_S, RunningSandbox, served

PHONE = "+14155550123"


@pytest.fixture(params=[360, 1280])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a phone's width and of a desktop's, without scripts."""
    context = chromium.new_context(viewport={"width": request.param, "height": 800}, java_script_enabled=False)
    context.set_default_timeout(TIMEOUT_S * 1000)
    yield context.new_page()
    context.close()


@pytest.fixture
def portal() -> Iterator[str]:
    """What links lead to. It may not be framed, as the real one may not."""
    app = Flask("portal")

    @app.get("/arrived")
    def arrived() -> tuple[str, dict[str, str]]:
        return "<h1>Arrived</h1>", {"X-Frame-Options": "DENY"}

    with served(app) as address:
        yield f"{address}/arrived"


@pytest.mark.parametrize(
    "frame", ["{}", "<html><head><title>x</title></head><body>{}</body></html>", "<!doctype html>{}"]
)
def test_a_link_in_an_email_opens_in_the_whole_window(page: Page, sandbox: RunningSandbox, portal: str, frame: str):
    message = EmailMessage()
    message["To"], message["Subject"] = "ana@example.com", "Your invoice"
    message.set_content(f"See {portal}")
    message.add_alternative(frame.format(f'<a href="{portal}">View and pay</a>'), subtype="html")
    sandbox.parts.mailbox.take(bytes(message))
    page.goto(f"{sandbox.address}/")
    page.get_by_role("navigation").get_by_role("link", name="E-mails").click()
    page.get_by_role("link", name="ana@example.com").click()
    page.get_by_role("link", name="Your invoice").click()
    page.frame_locator("iframe").get_by_role("link", name="View and pay").click()
    page.wait_for_url(portal)
    assert page.get_by_role("heading", name="Arrived").is_visible()


def test_the_phone_answers_stop(page: Page, sandbox: RunningSandbox):
    page.goto(f"{sandbox.address}/texts")
    page.get_by_label("Pick up the phone of").fill(PHONE)
    page.get_by_role("button", name="Open").click()
    page.get_by_role("button", name="STOP").click()
    assert page.get_by_text("This phone has stopped messages").is_visible()
    page.get_by_role("textbox", name="Answer").fill("start")
    page.get_by_role("button", name="Send").click()
    assert page.get_by_text("re-subscribed").is_visible()


def test_the_banks_page_sends_the_holder_back(page: Page, api: Any, sandbox: RunningSandbox, portal: str):
    intent = api.v1.payment_intents.create(
        {
            "amount": 26700,
            "currency": "usd",
            "payment_method": "pm_card_authenticationRequired",
            "automatic_payment_methods": BY_CARD,
            "confirm": True,
            "return_url": portal,
        }
    )
    page.goto(intent.next_action.redirect_to_url.url)
    page.get_by_role("button", name="Complete authentication").click()
    page.wait_for_url(f"{portal}?payment_intent={intent.id}&**")
    assert page.url.endswith("&redirect_status=succeeded")
    assert api.v1.payment_intents.retrieve(intent.id).status == "succeeded"


@pytest.mark.parametrize("path", ["/", "/mailbox", "/mailbox/to/ana@example.com", "/texts", f"/texts/{PHONE}"])
def test_nothing_scrolls_sideways_and_an_empty_page_says_what_will_come(
    chromium: Browser, sandbox: RunningSandbox, path: str
):
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    page.goto(f"{sandbox.address}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.get_by_role("heading", level=1).count() == 1
    assert path == "/" or page.locator(".empty").is_visible()
    page.close()
