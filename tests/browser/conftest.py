"""A real Chromium, on pages that a back end in memory feeds (`visit`), and on the whole portal (`visit_portal`).

Before the pages in memory Stripe's script is answered from a file beside this one; the whole portal brings its sandbox.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.support.embedded_house import house
from tests.support.embedded_portal import Customer, EmbeddedPortal
from tests.support.gateway_business import EMAIL, PASSWORD, Business
from tests.support.gateway_server import serving

STRIPE_SCRIPT = Path(__file__).with_name("stripe_in_the_page.js").read_text(encoding="utf-8")
_SESSION: list[Any] = []
"""The cookies of one log-in; every portal of this run signs alike and lives at the same host."""

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
STRIPE_HOST = "js.stripe.com"
CARD = "4242424242424242"
# Nothing is waited for: a transition that another one replaces would never be over.
END_OF_FADING = "document.getAnimations().forEach((each) => each instanceof CSSTransition && each.finish())"
PORTAL_TIMEOUT_S = 240
"""The first test on the whole portal starts it, with a business loaded."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "whole_portal" in getattr(item, "fixturenames", ()) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(PORTAL_TIMEOUT_S))


@pytest.fixture
def business() -> Business:
    return Business()


@pytest.fixture
def portal(business: Business) -> Iterator[str]:
    with serving(business) as address:
        yield address


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPortal]:
    """The run's one whole portal, `porchlight demo` in a folder of its own."""
    with house(tmp_path_factory.mktemp("portal")) as running:
        yield EmbeddedPortal(running)


@pytest.fixture
def whole_portal(embedded: EmbeddedPortal) -> EmbeddedPortal:
    """The whole portal: every service, the sandbox with Stripe, Twilio and a mailbox."""
    return embedded


class Visitor:
    """One browser of its own.

    `complaints` are what it reported on its console, a forbidden inline script included, and every request to another
    host than the portal's, its stand-ins' and Stripe's.
    """

    def __init__(self, context: BrowserContext, portal: str, *, own_hosts: tuple[str, ...] = (STRIPE_HOST,)) -> None:
        self.context = context
        self.portal = portal
        self._own_hosts = {urlsplit(portal).netloc, *own_hosts}
        self.complaints: list[str] = []
        self.page = self.new_tab()

    def new_tab(self) -> Page:
        page = self.context.new_page()
        page.on("console", lambda message: self._complain(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._look_where)
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

    def log_in(self, email: str = EMAIL, password: str = PASSWORD) -> "Visitor":
        self.open("/login")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url(f"{self.portal}/")
        return self

    def go_to_tab(self, name: str) -> Page:
        """Go to one of the header's tabs, as one does at this width: on a phone they are in a menu."""
        menu = self.page.get_by_label("Menu", exact=True)
        if menu.is_visible():
            menu.click()
        self.page.locator("nav:visible").get_by_role("link", name=name, exact=True).first.click()
        return self.page

    def go_to_own(self, name: str) -> Page:
        """Go to one of the pages in the person's own menu."""
        self.page.locator("summary", has_text="Your account").click()
        self.page.get_by_role("link", name=name, exact=True).click()
        return self.page

    def fill_card(self, number: str = CARD) -> None:
        """Type a card into the fields of the sandbox's Stripe."""
        for label, value in (
            ("Card number", number),
            ("Expiry date", "12 / 34"),
            ("Security code", "314"),
            ("Postal code", "13902"),
        ):
            self.page.get_by_label(label).fill(value)

    def expect_no_faults(self) -> None:
        """The page in view passes axe, in both colour schemes, and fits its window."""
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in schemes:
            self.page.emulate_media(color_scheme=scheme)
            # Colours fade from one scheme to the other; what is measured halfway is neither.
            self.page.evaluate(END_OF_FADING)
            # Stylesheets of other hosts (the sandbox's card fields) are not fetched anew: the policy forbids it.
            options = {"resultTypes": ["violations"], "preload": False}
            found = Axe().run(self.page, options=options).response["violations"]
            faults = [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]
            assert not faults, (self.page.url, scheme, faults)
        too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(too_wide) <= 0, self.page.url

    def _look_where(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc not in self._own_hosts:
            self.complaints.append(f"asked {request.url}")

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


@pytest.fixture(params=[PHONE, DESKTOP], ids=["360", "1280"])
def screen(request: pytest.FixtureRequest) -> dict[str, int]:
    """Both widths that every flow is walked at."""
    size: dict[str, int] = request.param
    return size


@pytest.fixture
def visit_portal(
    chromium: Browser, whole_portal: EmbeddedPortal, screen: dict[str, int]
) -> Iterator[Callable[..., Visitor]]:
    """Make a visitor of the whole portal, at both widths: `visit_portal()`, `visit_portal(customer)` logged in, with
    options of the browser's context such as `java_script_enabled`. At the end none may have complained.
    """
    visitors: list[Visitor] = []

    def make(customer: Customer | None = None, **options: Any) -> Visitor:
        context = chromium.new_context(**({"viewport": screen} | options))
        context.set_default_timeout(30_000)
        visitor = Visitor(context, whole_portal.url, own_hosts=(urlsplit(whole_portal.sandbox_url).netloc,))
        visitors.append(visitor)
        return visitor.log_in(customer.email, customer.password) if customer else visitor

    yield make
    for visitor in visitors:
        visitor.context.close()
    assert not [complaint for visitor in visitors for complaint in visitor.complaints]
