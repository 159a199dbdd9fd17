"""Auto-pay on the whole portal: the seed's five steps, each a claim of its own, and what comes of them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from contracts.payments import GetAutoPay, ListAutoPayConsents
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.support.embedded_portal import Customer, EmbeddedPortal
from tests.support.waiting import eventually

GOES_WRONG_WHEN_CHARGED = "4000000000000341"
NINE = ZoneInfo("America/New_York")


@dataclass
class Steps:
    """Ana on her way through the seed's instructions."""

    portal: EmbeddedPortal
    ana: Customer
    visitor: Visitor

    @property
    def page(self) -> Page:
        return self.visitor.page

    @property
    def section(self) -> Any:
        return self.page.get_by_role("region", name="Auto-pay")

    def open_billing_info(self) -> None:
        self.visitor.go_to_tab("Billing Info")

    def turn_the_slider_on(self) -> None:
        self.open_billing_info()
        self.section.get_by_role("switch", name="Auto-pay").click()

    def enter_card(self, number: str = "4242424242424242") -> None:
        self.turn_the_slider_on()
        self.visitor.fill_card(number)

    def submit(self, number: str = "4242424242424242") -> None:
        self.enter_card(number)
        self.section.get_by_role("button", name="Submit").click()

    def submit_again(self, number: str = "4242424242424242", *, maximum: str = "", balance: bool = False) -> None:
        self.submit(number)
        self.section.get_by_label("Maximum amount a charge").fill(maximum)
        if balance:
            self.section.get_by_label("Also pay the").check()
        self.section.get_by_label("I agree that").check()
        self.section.get_by_role("button", name="Submit").click()

    def auto_pay(self) -> Any:
        return self.portal.call(GetAutoPay(customer_id=self.ana.customer_id))


@pytest.fixture
def steps(visit_portal: Callable[..., Visitor], whole_portal: EmbeddedPortal) -> Steps:
    ana = whole_portal.customer()
    return Steps(whole_portal, ana, visit_portal(ana))


@pytest.fixture
def moved_clock(whole_portal: EmbeddedPortal) -> Iterator[Callable[[int], None]]:
    """Puts the business's clock on ten past nine, so many days from today; and back at the end."""
    today = whole_portal.today()

    def move(days: int) -> None:
        at = datetime.combine(today + timedelta(days=days), datetime.min.time(), tzinfo=NINE)
        whole_portal.set_clock("offset", at + timedelta(hours=9, minutes=10))

    yield move
    whole_portal.set_clock("real")


def test_once_signed_in_click_on_the_billing_info_tab(steps: Steps):
    steps.open_billing_info()
    expect(steps.page.get_by_role("heading", name="Billing Info", level=1)).to_be_visible()
    steps.visitor.expect_no_faults()


def test_scroll_to_the_bottom_of_the_page_and_click_the_auto_pay_slider_to_turn_it_on(steps: Steps):
    steps.open_billing_info()
    regions = steps.page.locator("main section")
    expect(regions.last).to_have_accessible_name("Auto-pay")
    switch = steps.section.get_by_role("switch", name="Auto-pay")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.press("Space")
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(steps.section).to_be_in_viewport()


def test_enter_your_card_information(steps: Steps):
    steps.enter_card()
    expect(steps.section.get_by_role("heading", name="Enter your card information")).to_be_visible()
    expect(steps.section.get_by_label("Card number")).to_have_value("4242 4242 4242 4242")
    steps.visitor.expect_no_faults()


def test_click_submit_then_click_submit_again_at_the_bottom_right_of_the_page(steps: Steps):
    steps.submit()
    expect(steps.section.get_by_text("Visa ·· 4242", exact=True)).to_be_visible()
    expect(steps.section.get_by_label("I agree that")).not_to_be_checked()
    steps.visitor.expect_no_faults()
    button, area = steps.section.get_by_role("button", name="Submit").bounding_box(), steps.section.bounding_box()
    assert button is not None
    assert area is not None
    for edge, size in (("x", "width"), ("y", "height")):
        assert 0 <= area[edge] + area[size] - button[edge] - button[size] < 40
    steps.section.get_by_role("button", name="Submit").click()
    expect(steps.section.get_by_text("Tick the box to agree.")).to_be_visible()
    assert steps.auto_pay().state == "off"


def test_now_you_are_signed_up_for_auto_pay(steps: Steps):
    steps.submit_again(maximum="$150.00")
    expect(steps.section.get_by_text("Now you are signed up for auto-pay.")).to_be_visible()
    expect(steps.section.get_by_role("switch", name="Auto-pay")).to_have_attribute("aria-checked", "true")
    steps.visitor.expect_no_faults()
    stands = steps.auto_pay()
    assert (stands.state, stands.maximum_minor, stands.card.last4) == ("on", 15_000, "4242")
    (consent,) = steps.portal.call(ListAutoPayConsents(customer_id=steps.ana.customer_id)).records
    assert (consent.ip_address, consent.action) == ("127.0.0.1", "enrolled")
    assert "Chrome" in consent.user_agent
    steps.section.get_by_text("What you agreed to").click()
    expect(steps.section.get_by_text(consent.text)).to_be_visible()


def test_sign_up_for_auto_pay(steps: Steps, moved_clock: Callable[[int], None]):
    steps.submit_again()
    expect(steps.section.get_by_text("Now you are signed up for auto-pay.")).to_be_visible()
    number = steps.portal.sent_invoice(steps.ana, 8450, due_in_days=14)
    steps.visitor.open("/")
    expect(steps.section.get_by_text("$84.50")).to_be_visible()
    steps.open_billing_info()
    expect(steps.section.get_by_text(f"for invoice {number}")).to_be_visible()
    moved_clock(11)
    # Three days before: she is told, and never more than that is charged.
    eventually(lambda: steps.auto_pay().next_charge.most_minor == 8450)
    moved_clock(14)
    receipt = steps.portal.mailbox.wait_for(steps.ana.email, "receipt")
    assert "$84.50" in receipt["subject"]
    page = steps.visitor.go_to_tab("Invoices")
    page.get_by_role("link", name=f"Invoice {number}").click()
    expect(page.get_by_text("Paid", exact=True).first).to_be_visible()


def test_a_charge_is_skipped_taken_back_and_moved_in_the_calendar(steps: Steps):
    steps.submit_again()
    number = steps.portal.sent_invoice(steps.ana, 8450, due_in_days=14)
    steps.open_billing_info()
    charge = steps.section.get_by_role("listitem").filter(has_text=number)
    charge.get_by_role("button", name="Skip this charge").click()
    expect(charge.get_by_text("Skipped")).to_be_visible()
    steps.visitor.expect_no_faults()
    charge.get_by_role("button", name="Undo skip").click()
    expect(charge.get_by_text("Planned")).to_be_visible()
    day = steps.portal.today() + timedelta(days=20)
    charge.get_by_text("Move", exact=False).first.click()
    charge.get_by_label("Charge it on").fill(day.isoformat())
    charge.get_by_role("button", name="Move the charge").click()
    expect(charge.locator(f"time[datetime='{day}']")).to_be_visible()
    assert steps.auto_pay().next_charge.charge_on == day


def test_a_card_that_is_declined_is_replaced_with_one_press_and_charged_at_once(
    steps: Steps, moved_clock: Callable[[int], None]
):
    steps.submit_again(GOES_WRONG_WHEN_CHARGED)
    number = steps.portal.sent_invoice(steps.ana, 8450, due_in_days=4)
    moved_clock(4)
    eventually(lambda: steps.auto_pay().upcoming[0].state in ("retrying", "declined"))
    steps.open_billing_info()
    expect(steps.section.get_by_text("Your bank declined the card").first).to_be_visible()
    steps.visitor.expect_no_faults()
    if (link := steps.section.get_by_role("link", name="Use another card, tried at once")).is_visible():
        link.click()
    steps.visitor.fill_card()
    steps.section.get_by_role("button", name="Use this card").click()
    expect(steps.section.get_by_text("What was declined is charged to it now.")).to_be_visible()
    assert number in steps.portal.mailbox.wait_for(steps.ana.email, "receipt")["text"]


def test_the_maximum_is_changed_and_auto_pay_turned_off_at_any_time(steps: Steps):
    steps.submit_again()
    steps.section.get_by_label("Maximum amount a charge").fill("nothing much")
    steps.section.get_by_role("button", name="Save maximum").click()
    expect(steps.section.get_by_text("Enter an amount such as $150.00.")).to_be_visible()
    steps.section.get_by_label("Maximum amount a charge").fill("99")
    steps.section.get_by_role("button", name="Save maximum").click()
    expect(steps.section.get_by_text("The maximum is changed.")).to_be_visible()
    steps.section.get_by_role("switch", name="Auto-pay").click()
    expect(steps.page.get_by_text("Nothing is charged by itself any more")).to_be_visible()
    steps.visitor.expect_no_faults()
    steps.page.get_by_role("button", name="Turn off auto-pay").click()
    expect(steps.section.get_by_role("switch", name="Auto-pay")).to_have_attribute("aria-checked", "false")
    assert steps.auto_pay().state == "off"


def test_removing_the_card_of_auto_pay_warns_and_pauses_it(steps: Steps):
    steps.submit_again()
    expect(steps.section.get_by_text("Now you are signed up for auto-pay.")).to_be_visible()
    steps.page.get_by_role("link", name="Remove Visa").click()
    expect(steps.page.get_by_text("Auto-pay charges this card.")).to_be_visible()
    steps.visitor.expect_no_faults()
    steps.page.get_by_role("button", name="Remove it and pause auto-pay").click()
    expect(steps.section.get_by_text("Auto-pay is paused")).to_be_visible()
    steps.visitor.expect_no_faults()
    assert (steps.auto_pay().state, steps.auto_pay().card) == ("paused", None)


def test_a_session_lost_between_the_two_submits_leads_back_and_nothing_typed_is_lost(steps: Steps):
    steps.submit()
    steps.section.get_by_label("Maximum amount a charge").fill("120")
    steps.section.get_by_label("I agree that").check()
    steps.visitor.context.clear_cookies()
    steps.section.get_by_role("button", name="Submit").click()
    steps.page.get_by_label("E-mail address").fill(steps.ana.email)
    steps.page.get_by_label("Password", exact=True).fill(steps.ana.password)
    steps.page.get_by_role("button", name="Log in").click()
    expect(steps.section.get_by_label("Maximum amount a charge")).to_have_value("120")
    expect(steps.section.get_by_label("I agree that")).not_to_be_checked()
    steps.section.get_by_label("I agree that").check()
    steps.section.get_by_role("button", name="Submit").click()
    expect(steps.section.get_by_text("Now you are signed up for auto-pay.")).to_be_visible()


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["360", "1280"])
def test_auto_pay_is_turned_on_with_a_saved_card_without_scripts(visit_portal, whole_portal, screen):
    ana = whole_portal.customer()
    whole_portal.imported_invoice(ana, 26_700, due_in_days=9)
    scripted = visit_portal(ana)
    scripted.go_to_tab("Billing Info").get_by_role("link", name="Add a card").click()
    scripted.fill_card()
    scripted.page.get_by_role("button", name="Save card").click()
    expect(scripted.page.get_by_text("is saved.")).to_be_visible()
    steps = Steps(whole_portal, ana, visit_portal(ana, java_script_enabled=False))
    steps.visitor.open("/billing-info")
    steps.section.get_by_role("switch", name="Auto-pay").click()
    expect(steps.section.get_by_label(re.compile("Visa"))).to_be_checked()
    steps.section.get_by_role("button", name="Submit").click()
    steps.section.get_by_label("Also pay the $267.00").check()
    steps.section.get_by_label("I agree that").check()
    steps.section.get_by_role("button", name="Submit").click()
    expect(steps.section.get_by_text("Now you are signed up for auto-pay.")).to_be_visible()
    expect(steps.section.get_by_text("$267.00").first).to_be_visible()
    assert steps.auto_pay().includes_balance
