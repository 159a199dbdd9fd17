"""Every page on a phone and on a desktop, in both colour schemes, by keyboard, without scripts and past axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.support.gateway_business import LINK, Business
from tests.support.gateway_server import serving

SIGNED_OUT = (
    "/login",
    "/sign-up",
    "/forgot-password",
    "/link-sent",
    f"/set-password/{LINK}",
    "/set-password/old",
    "/none",
)
SIGNED_IN = (
    "/",
    "/invoices",
    "/invoices?show=past-due",
    "/invoices/invoice-1036",
    "/invoices/invoice-1012",
    "/account-history",
    "/statement?from=x&to=2026-03-01",
    "/why/account-balance",
    "/why/paid/2026-03",
    "/pay",
    "/pay?invoice=invoice-1036",
    "/pay?invoice=invoice-1012",
    "/receipts/payment-1012",
    "/billing-info",
    "/billing-info?enter=save",
    "/billing-info?enter=turn-on",
    "/billing-info?enter=turn-on&card=card-visa",
    "/billing-info/cards/card-visa/remove",
    "/services",
    "/services?show=past",
    "/services/visit-1",
    "/services/calendar",
    "/nothing-here",
)
SMALLEST_TARGET_PX = 44

# What a finger can hit, as it is drawn. Links inside a sentence or a table's cell are exempt (WCAG 2.5.8).
SMALL_TARGETS = """(smallest) => {
  const sentences = "p.lead-in, td, dd, dt, .outcome p, li, .footer-business, .under-paper span, label";
  const exempt = `${sentences}, .skip-link, .card-field`;
  return [...document.querySelectorAll("a, button, summary, input:not([type=hidden])")]
    .filter((each) => each.offsetParent && !each.closest(exempt))
    .map((each) => [each.textContent.trim() || each.name, each.getBoundingClientRect()])
    .filter(([, box]) => box.width && box.height < smallest - 0.5)
    .map(([name, box]) => `${name}: ${box.height}`);
}"""


# Two of the four: each size and each scheme is seen once.
@pytest.fixture(params=["phone-dark", "desktop-light"])
def visitor(request, visit):
    size, scheme = request.param.split("-")
    return visit(viewport=PHONE if size == "phone" else DESKTOP, color_scheme=scheme)


def faults_of(page):
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]


def width_that_does_not_fit(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_pages_before_log_in_are_accessible_and_fit(visitor):
    for path in SIGNED_OUT:
        page = visitor.open(path)
        assert not faults_of(page), path
        assert width_that_does_not_fit(page) <= 0, path
        assert page.evaluate(SMALL_TARGETS, SMALLEST_TARGET_PX) == [], path
    assert not visitor.complaints


def test_pages_after_log_in_are_accessible_and_fit(visitor):
    visitor.signed_in()
    for path in SIGNED_IN:
        page = visitor.open(path)
        assert not faults_of(page), path
        assert width_that_does_not_fit(page) <= 0, path
        assert page.evaluate(SMALL_TARGETS, SMALLEST_TARGET_PX) == [], path
    assert not visitor.complaints


def test_a_dashboard_without_services_is_accessible_and_fits(visitor, business):
    visitor.signed_in()
    business.take_away("balance", "billing", "payments")
    page = visitor.open("/")
    expect(page.get_by_text("temporarily unavailable")).to_have_count(9)
    assert not faults_of(page)
    assert width_that_does_not_fit(page) <= 0


def test_a_new_customers_pages_are_accessible_and_fit(chromium, visit):
    with serving(Business(fresh=True)) as portal:
        visitor = visit(viewport=PHONE)
        visitor.portal = portal
        visitor.signed_in()
        for path in ("/", "/invoices", "/account-history", "/pay"):
            page = visitor.open(path)
            assert not faults_of(page), path
            assert width_that_does_not_fit(page) <= 0, path


def test_the_open_menus_are_accessible(visit):
    ana = visit(viewport=PHONE).signed_in()
    ana.page.get_by_label("Menu", exact=True).click()
    expect(ana.page.get_by_role("link", name="Account history").first).to_be_visible()
    assert not faults_of(ana.page)
    ana.page.keyboard.press("Escape")
    ana.page.locator(".menu-me summary").click()
    expect(ana.page.get_by_role("button", name="Log out")).to_be_visible()
    assert not faults_of(ana.page)
    assert width_that_does_not_fit(ana.page) <= 0


def test_on_a_phone_the_pay_button_stays_at_the_bottom_and_hides_nothing_for_good(visit):
    page = visit(viewport=PHONE).signed_in().page
    button, footer = page.get_by_role("link", name="Pay $267.00"), page.locator("footer")
    before = button.bounding_box()
    assert before["y"] + before["height"] <= PHONE["height"]
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert button.bounding_box() == before
    assert footer.bounding_box()["y"] + footer.bounding_box()["height"] <= before["y"] + 1


def test_the_way_through_works_without_javascript(visit, business):
    ana = visit(java_script_enabled=False)
    page = ana.open("/login")
    page.get_by_role("link", name="Sign Up").click()
    page.get_by_label("E-mail address").fill("ana@example.test")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Check your e-mail")).to_be_visible()
    page = ana.open(f"/set-password/{LINK}")
    page.get_by_label("Password", exact=True).fill("three green lawns")
    page.get_by_label("Password again").fill("three green lawns")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Your password is set")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value("ana@example.test")
    page.get_by_label("Password", exact=True).fill("three green lawns")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Past Due")).to_be_visible()
    page.locator(".menu-me summary").click()
    page.get_by_role("button", name="lake house").click()
    page.locator(".menu-me summary").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out")).to_be_visible()


def test_the_first_tab_stop_skips_to_the_content(visit):
    page = visit().signed_in().page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_card_can_be_chosen_and_paid_by_keyboard(visit, business):
    ana = visit().signed_in()
    page = ana.open("/pay")
    page.locator("input[name=card]:checked").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Card number")).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()


@pytest.mark.parametrize("path", ["/receipts/payment-1012", "/invoices/invoice-1012"])
def test_on_paper_the_business_stands_on_top_and_no_buttons_are_printed(visit, path):
    ana = visit(viewport=PHONE, color_scheme="dark").signed_in()
    page = ana.open(path)
    page.emulate_media(media="print")
    expect(page.locator(".letterhead")).to_be_visible()
    expect(page.locator(".letterhead")).to_contain_text("Green Acres Lawn")
    assert page.locator("a.btn:visible, button:visible, nav:visible, header.site-header:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.panel')).backgroundColor") == "rgb(255, 255, 255)"


def test_the_scheme_follows_the_system(visit):
    grounds = {
        scheme: visit(color_scheme=scheme).open("/login").evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert grounds == {"light": "rgb(246, 246, 243)", "dark": "rgb(18, 20, 18)"}
