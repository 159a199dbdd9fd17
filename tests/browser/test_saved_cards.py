"""Saved cards on the whole portal, as a customer adds, prefers and removes them."""

import re

import pytest
from playwright.sync_api import Page, expect

NEEDS_BANK, NO_MONEY = "4000002500003155", "4000000000009995"
AMEX = "378282246310005"


def _enter(visitor, number: str, *, code: str = "314") -> Page:
    page: Page = visitor.go_to_tab("Billing Info")
    page.get_by_role("link", name="Add a card").click()
    visitor.fill_card(number)
    page.get_by_label("Security code").fill(code)
    page.get_by_role("button", name="Save card").click()
    return page


def _cards(page: Page) -> list[str]:
    names = page.get_by_role("region", name="Cards").get_by_role("listitem").locator("strong").all_inner_texts()
    return [name.replace("\u00b7\u00b7", "..") for name in names]


def test_a_card_is_added_made_the_default_pays_and_is_removed(visit_portal, whole_portal):
    ana = whole_portal.customer()
    whole_portal.imported_invoice(ana, 8450, due_in_days=5)
    visitor = visit_portal(ana)
    page = visitor.go_to_tab("Billing Info")
    expect(page.get_by_text("No saved cards")).to_be_visible()
    visitor.expect_no_faults()
    _enter(visitor, "4242424242424242")
    expect(page.get_by_text("Visa ·· 4242 is saved.")).to_be_visible()
    _enter(visitor, AMEX, code="3141")
    expect(page.get_by_text("American Express ·· 0005 is saved.")).to_be_visible()
    visitor.expect_no_faults()
    assert _cards(page) == ["Visa .. 4242", "American Express .. 0005"]

    page.get_by_role("button", name=re.compile("Make default.*American Express")).click()
    expect(page.get_by_text("offered first from now on")).to_be_visible()
    assert _cards(page) == ["American Express .. 0005", "Visa .. 4242"]
    visitor.open("/pay")
    expect(page.get_by_label(re.compile("American Express"))).to_be_checked()
    page.get_by_role("button", name="Pay $84.50").click()
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()

    page = visitor.go_to_tab("Billing Info")
    page.get_by_role("link", name="Remove American Express").click()
    visitor.expect_no_faults()
    page.get_by_role("button", name="Remove this card").click()
    expect(page.get_by_text("The card is removed.")).to_be_visible()
    assert _cards(page) == ["Visa .. 4242"]


def test_a_card_that_the_bank_asks_about_is_saved_when_its_holder_agrees(visit_portal, whole_portal):
    visitor = visit_portal(whole_portal.customer())
    page = _enter(visitor, NEEDS_BANK)
    page.get_by_role("button", name="Complete authentication").click()
    expect(page.get_by_text("Visa ·· 3155 is saved.")).to_be_visible()


def test_a_card_that_its_holder_does_not_confirm_is_not_saved(visit_portal, whole_portal):
    visitor = visit_portal(whole_portal.customer())
    page = _enter(visitor, NEEDS_BANK)
    page.get_by_role("button", name="Fail authentication").click()
    expect(page.get_by_text("Your bank could not confirm that it is you. Nothing was charged.")).to_be_visible()
    expect(page.get_by_text("No saved cards")).to_be_visible()


def test_a_declined_card_says_why_and_another_one_can_be_entered_at_once(visit_portal, whole_portal):
    visitor = visit_portal(whole_portal.customer())
    page = _enter(visitor, NO_MONEY)
    expect(page.get_by_text("There is not enough money available on the card. Nothing was charged.")).to_be_visible()
    visitor.expect_no_faults()
    visitor.fill_card()
    page.get_by_role("button", name="Save card").click()
    expect(page.get_by_text("Visa ·· 4242 is saved.")).to_be_visible()


def test_a_half_typed_card_is_told_beside_the_field_and_nothing_is_sent(visit_portal, whole_portal):
    visitor = visit_portal(whole_portal.customer())
    page = visitor.go_to_tab("Billing Info")
    page.get_by_role("link", name="Add a card").click()
    page.get_by_label("Card number").fill("4242")
    page.get_by_role("button", name="Save card").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    expect(page).to_have_url(re.compile("enter=save"))


def test_a_card_removed_in_another_tab_is_not_there_any_more(visit_portal, whole_portal):
    visitor = visit_portal(whole_portal.customer())
    page = _enter(visitor, "4242424242424242")
    expect(page.get_by_text("is saved.")).to_be_visible()
    page.get_by_role("link", name="Remove Visa").click()
    other = visitor.new_tab()
    other.goto(page.url)
    other.get_by_role("button", name="Remove this card").click()
    expect(other.get_by_text("The card is removed.")).to_be_visible()
    page.get_by_role("button", name="Remove this card").click()
    expect(page.get_by_text("The card is removed.")).to_be_visible()
    expect(page.get_by_text("No saved cards")).to_be_visible()


@pytest.mark.parametrize("screen", [{"width": 360, "height": 740}], ids=["360"], indirect=False)
def test_cards_are_preferred_and_removed_without_scripts(visit_portal, whole_portal, screen):
    ana = whole_portal.customer()
    scripted = visit_portal(ana)
    for number in ("4242424242424242", "5555555555554444"):
        _enter(scripted, number)
        expect(scripted.page.get_by_text("is saved.")).to_be_visible()
    visitor = visit_portal(ana, java_script_enabled=False)
    page = visitor.open("/billing-info")
    page.get_by_role("button", name=re.compile("Make default.*Mastercard")).click()
    expect(page.get_by_text("offered first from now on")).to_be_visible()
    page.get_by_role("link", name="Remove Visa").click()
    page.get_by_role("button", name="Remove this card").click()
    assert _cards(page) == ["Mastercard .. 4444"]
