"""A real Chromium on pages that a back end in memory feeds; Stripe's script is answered from a file beside this one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.gateway_business import EMAIL, PASSWORD, Business
from tests.support.gateway_server import serving

STRIPE_SCRIPT = Path(__file__).with_name("stripe_in_the_page.js").read_text(encoding="utf-8")
_SESSION: list[Any] = []
"""The cookies of one log-in; every portal of this run signs alike and lives at the same host."""

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture
def business() -> Business:
    return Business()


@pytest.fixture
def portal(business: Business) -> Iterator[str]:
    with serving(business) as address:
        yield address


class Visitor:
    """One browser of its own; `complaints` are what it reported on its console, a forbidden inline script included."""

    def __init__(self, context: BrowserContext, portal: str) -> None:
        self.context = context
        self.portal = portal
        self.complaints: list[str] = []
        self.page = self.new_tab()

    def new_tab(self) -> Page:
        page = self.context.new_page()
        page.on("console", lambda message: self._complain(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def open(self, path: str) -> Page:
        self.page.goto(self.portal + path)
        return self.page

    def signed_in(self) -> "Visitor":
        """Be on the dashboard with the session that an earlier visitor got by logging in."""
        if not _SESSION:
            self.log_in()
            _SESSION.extend(self.context.cookies())
        self.context.add_cookies(_SESSION)
        self.open("/")
        return self

    def log_in(self) -> "Visitor":
        self.open("/login")
        self.page.get_by_label("E-mail address").fill(EMAIL)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url(f"{self.portal}/")
        return self

    def _complain(self, kind: str, text: str) -> None:
        # The browser reports every error status; which status a page has is the unit tests' business.
        if kind in ("error", "warning") and "the server responded with a status" not in text:
            self.complaints.append(text)


@pytest.fixture
def visit(chromium: Browser, portal: str):
    """Make a visitor: `visit()`, with options of the browser's context such as `viewport` or `color_scheme`."""
    contexts: list[BrowserContext] = []

    def make(**options) -> Visitor:
        context = chromium.new_context(**({"viewport": DESKTOP} | options))
        # Generous: beside these tests others keep the machine busy.
        context.set_default_timeout(30_000)
        context.route(
            "https://js.stripe.com/**",
            lambda route: route.fulfill(body=STRIPE_SCRIPT, content_type="text/javascript"),
        )
        contexts.append(context)
        return Visitor(context, portal)

    yield make
    for context in contexts:
        context.close()
