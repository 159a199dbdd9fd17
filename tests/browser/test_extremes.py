"""Names, words and amounts as large as they come: nothing leaves its place, on a phone and at 400 % zoom."""

from datetime import date
from typing import get_args

import pytest
from msgspec.structs import replace

from contracts import billing, identity
from contracts.payments import ChargeState
from tests.browser.conftest import DESKTOP, PHONE
from tests.support import gateway as views
from tests.support.gateway_business import Business
from tests.support.gateway_wallet import a_charge, an_auto_pay

LONG_NAME = "Maximiliana Featherstonehaugh-Wolfeschlegelsteinhausenbergerdorff Property Management & Holdings LLC"
ARABIC_NAME = "شركة الحدائق الخضراء لإدارة العقارات"
LONG_EMAIL = "a.very.long.address.of.a.person.with.a.long.name@subdomain.of.some.properties.example.test"
LONG_WORD = "Supercalifragilisticexpialidocious" * 4
LARGE_MINOR, SMALL_MINOR = 123_456_789, 99

ZOOMED_FOURFOLD = {"width": 320, "height": 256}
"""A window of 1280 × 1024 at 400 % (WCAG 2.2, 1.4.10 Reflow)."""

PATHS = (
    "/",
    "/invoices",
    "/invoices?show=paid",
    "/invoices/large",
    "/pay",
    "/account-history",
    "/receipts/large",
    "/billing-info",
    "/billing-info/cards/card-visa/remove",
)


class ExtremeBusiness(Business):
    """Its customer has the longest name, address, invoice number and words, and owes $1,234,567.89 and $0.99."""

    def __init__(self) -> None:
        super().__init__()
        *_, third, second, first = self.invoices
        self.invoices[first] = replace(
            self.invoices[first],
            total_minor=LARGE_MINOR,
            open_minor=LARGE_MINOR,
            description=LONG_WORD,
            due_on=date(2026, 8, 30),
        )
        self.invoices[second] = replace(
            self.invoices[second], total_minor=SMALL_MINOR, open_minor=SMALL_MINOR, description=ARABIC_NAME
        )
        self.invoices[third] = replace(self.invoices[third], number="INV-2026-NORTHEAST-" + "0" * 40)
        self.credits_minor = 2 * LARGE_MINOR
        self.activity[0] = replace(
            self.activity[0],
            amount_minor=LARGE_MINOR,
            running_balance_minor=-LARGE_MINOR,
            description=LONG_WORD,
        )
        self.invoices["large"] = replace(self.invoices[first], invoice_id="large", due_on=date(2026, 7, 3))
        # As many cards as there can be, and a calendar of everything that can stand in one.
        brands = ("cartes_bancaires", "amex", "diners")
        self.cards += [views.a_card(card_id=f"card-{n}", brand=brands[n % 3], is_default=False) for n in range(18)]
        self.wallet.auto_pay = an_auto_pay("on", maximum_minor=LARGE_MINOR, consent_text=LONG_WORD)
        self.wallet.plan(
            *(
                a_charge(f"INV-2026-NORTHEAST-{state}-" + "0" * 40, state=state, amount_minor=LARGE_MINOR)
                for state in get_args(ChargeState)
            )
        )
        self.payments["large"] = replace(self._payment("payment-1012"), payment_id="large", reference=LONG_WORD)

    def _check_session(self, command: identity.CheckSession) -> identity.SessionView:
        view = super()._check_session(command)
        accounts = [
            replace(account, name=name) for account, name in zip(view.accounts, (LONG_NAME, ARABIC_NAME), strict=True)
        ]
        return replace(view, name=LONG_NAME, email=LONG_EMAIL, accounts=accounts)

    def _get_invoice(self, command: billing.GetInvoice) -> billing.InvoiceView:
        view = super()._get_invoice(command)
        line = billing.InvoiceLine(
            description=LONG_WORD, quantity="1,234.5", unit_price_minor=LARGE_MINOR, amount_minor=LARGE_MINOR
        )
        return replace(view, lines=[*view.lines, line], memo=f"{LONG_WORD}\nSecond line")


@pytest.fixture
def business():
    return ExtremeBusiness()


# What stands outside the page's width, as it is drawn; a menu that is closed draws nothing.
OUTSIDE = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, .skip-link, thead"))
  .map((each) => [each.className || each.tagName, each.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.left < -0.5 || box.right > document.documentElement.clientWidth + 0.5))
  .map(([name, box]) => `${name}: ${Math.round(box.left)} to ${Math.round(box.right)}`)"""


# What is wider than the cell, panel or line that it stands in.
TOO_WIDE = """() => [...document.querySelectorAll(".panel, .menu-body, .panel :is(tbody tr, td, dd, p)")]
  .filter((each) => each.checkVisibility() && getComputedStyle(each).display !== "inline")
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => `${each.className || each.tagName}: ${each.scrollWidth} in ${each.clientWidth}`)"""


@pytest.mark.parametrize("size", [ZOOMED_FOURFOLD, PHONE, DESKTOP], ids=["zoomed", "phone", "desktop"])
def test_long_words_and_large_amounts_stay_in_their_place(visit, size):
    ana = visit(viewport=size).signed_in()
    for path in PATHS:
        page = ana.open(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(OUTSIDE) == [], path
        assert page.evaluate(TOO_WIDE) == [], path
    page.locator(".menu-me summary").click()
    assert page.evaluate(OUTSIDE) == []


def test_an_amount_never_breaks_between_its_signs(visit):
    page = visit(viewport=PHONE).signed_in().open("/account-history")
    balance = page.locator(".cell-balance").first
    line_height = balance.evaluate("(each) => parseFloat(getComputedStyle(each).lineHeight)")
    assert balance.bounding_box()["height"] < 1.5 * line_height


def test_a_name_from_right_to_left_does_not_turn_what_stands_beside_it(visit):
    page = visit(viewport=DESKTOP).signed_in().page
    page.locator(".menu-me summary").click()
    item = page.locator(".menu-item", has_text=ARABIC_NAME)
    assert item.locator("bdi").count() == 1
    name, reference = item.locator("bdi").bounding_box(), item.locator("small").bounding_box()
    assert name["x"] + name["width"] <= reference["x"]


def test_the_lines_of_a_memo_stay_lines(visit):
    page = visit().signed_in().open("/invoices/large")
    assert page.locator(".memo").inner_text().splitlines()[-1] == "Second line"


# How far the element with the focus reaches under the bar, once the page is drawn.
UNDER_THE_BAR = """() => new Promise((answer) => {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const bar = document.querySelector(".pay-bar, .choose-bar"), focused = document.activeElement;
    const reach = focused.getBoundingClientRect().bottom - bar.getBoundingClientRect().top;
    answer(bar.contains(focused) || focused.closest(".site-footer") ? 0 : Math.max(0, reach));
  }));
})"""


@pytest.mark.parametrize("path", ["/", "/invoices"])
def test_what_has_the_focus_is_never_under_the_bar_that_pays(visit, path):
    # Without motion a scroll is over at once.
    page = visit(viewport=PHONE, reduced_motion="reduce").signed_in().open(path)
    seen = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(UNDER_THE_BAR) <= 1
        seen.add(page.evaluate("document.activeElement.getBoundingClientRect().top > 400"))
    assert seen == {True, False}
