"""Paying on the whole portal as customers do it: what they may pay, with which card, with and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from contracts.billing import GetAmountDue
from contracts.payments import ListPayments
from tests.support.embedded_portal import Customer, EmbeddedPortal
from tests.support.waiting import eventually

DECLINED_CARD, BANK_CARD = "4000000000009995", "4000002500003155"


def press_pay(page: Page, amount: str) -> None:
    page.get_by_role("button", name=f"Pay {amount}", exact=True).click()


def expect_receipt(page: Page, *words: str) -> None:
    expect(page.get_by_role("heading", name="Receipt", exact=True)).to_be_visible()
    for each in words:
        expect(page.get_by_role("main")).to_contain_text(each)


def choose(page: Page, label: str) -> None:
    page.get_by_role("radio", name=re.compile(label)).check()


def owed(portal: EmbeddedPortal, customer: Customer) -> int:
    portal.settle()
    return portal.call(GetAmountDue(customer_id=customer.customer_id)).balance_due_minor


def charged(portal: EmbeddedPortal, customer: Customer) -> list[int]:
    page = portal.call(ListPayments(customer_id=customer.customer_id))
    return sorted(each.amount_minor for each in page.payments if each.state == "succeeded")


def test_pay_outstanding_balance_if_there_is_a_past_due_balance_it_will_say_past_due(visit_portal, whole_portal):
    ana = whole_portal.customer()
    late = whole_portal.imported_invoice(ana, 9800, due_in_days=-5)
    whole_portal.sent_invoice(ana, 8450)
    visitor = visit_portal(ana)
    page = visitor.page
    expect(page.get_by_role("heading", name="Past Due")).to_be_visible()
    expect(page.get_by_role("region", name="Past Due")).to_contain_text("$98.00")
    page.get_by_role("link", name="Pay $182.50").click()
    expect(page.get_by_role("button", name="Pay $182.50")).to_be_visible()
    visitor.expect_no_faults()
    choose(page, "Past Due only")
    expect(page.get_by_role("button", name="Pay $98.00")).to_be_enabled()
    visitor.fill_card()
    press_pay(page, "$98.00")
    expect_receipt(page, f"Invoice {late}", "$98.00")
    visitor.expect_no_faults()
    page.get_by_role("link", name="Go to the dashboard").click()
    expect(page.get_by_text("$98.00 of")).to_have_count(0)
    assert owed(whole_portal, ana) == 8450
    visitor.open("/")
    expect(page.get_by_role("heading", name="Balance Due")).to_be_visible()


def test_pay_a_specific_invoices(visit_portal, whole_portal):
    ana = whole_portal.customer()
    first, second, third = (whole_portal.sent_invoice(ana, total) for total in (1000, 2000, 4000))
    visitor = visit_portal(ana)
    page = visitor.open("/pay")
    choose(page, "Chosen invoices")
    expect(page.get_by_text("Tick at least one invoice")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile(f"Invoice {first}")).check()
    expect(page.get_by_role("button", name="Pay $10.00")).to_be_enabled()
    page.get_by_role("checkbox", name=re.compile(f"Invoice {third}")).check()
    expect(page.get_by_role("button", name="Pay $50.00")).to_be_enabled()
    visitor.expect_no_faults()
    visitor.fill_card()
    press_pay(page, "$50.00")
    expect_receipt(page, f"Invoice {first}", f"Invoice {third}")
    expect(page.get_by_role("main")).not_to_contain_text(second)
    visitor.go_to_tab("Payments")
    row = page.get_by_role("row").filter(has_text="$50.00")
    expect(row).to_contain_text("Paid")
    expect(row).to_contain_text(f"Invoice {third}")
    visitor.expect_no_faults()
    assert owed(whole_portal, ana) == 2000


def test_a_part_is_previewed_and_paid_and_what_cannot_be_paid_is_said(visit_portal, whole_portal):
    ana = whole_portal.customer()
    number = whole_portal.sent_invoice(ana, 10_000)
    visitor = visit_portal(ana)
    page = visitor.open("/pay")
    choose(page, "Another amount")
    amount = page.get_by_label("Amount", exact=True)
    for typed, said in (
        ("abc", "Enter an amount"),
        ("0.20", "That is too little"),
        ("99.90", "That would leave less than a card can pay"),
        ("-5", "Enter an amount above zero"),
    ):
        amount.fill(typed)
        expect(page.locator("#choice-problem")).to_contain_text(said)
        expect(page.locator(".btn-pay")).to_have_count(0)
    amount.fill("$30.00")
    expect(page.get_by_text("$70.00 stays open")).to_be_visible()
    visitor.expect_no_faults()
    visitor.fill_card()
    press_pay(page, "$30.00")
    expect_receipt(page, f"Invoice {number}", "$30.00")
    assert owed(whole_portal, ana) == 7000


def test_more_than_is_open_needs_a_yes_and_becomes_a_credit(visit_portal, whole_portal):
    ana = whole_portal.customer()
    whole_portal.sent_invoice(ana, 5000)
    visitor = visit_portal(ana)
    page = visitor.open("/pay")
    choose(page, "Another amount")
    page.get_by_label("Amount", exact=True).fill("80")
    expect(page.get_by_role("button", name="Pay $80.00")).to_be_enabled()
    visitor.fill_card()
    press_pay(page, "$80.00")
    # The browser asks for the tick itself: nothing was sent.
    expect(page).to_have_url(re.compile("/pay$"))
    page.get_by_label("Yes, keep $30.00 as my credit").check()
    press_pay(page, "$80.00")
    expect_receipt(page, "Kept as your credit", "$30.00")
    assert owed(whole_portal, ana) == 0
    eventually(lambda: "$30.00" in visitor.open("/credits").content())


def test_a_card_is_kept_and_pays_without_scripts_by_the_preview_step(visit_portal, whole_portal):
    ana = whole_portal.customer()
    whole_portal.sent_invoice(ana, 4000)
    visitor = visit_portal(ana)
    page = visitor.open("/pay")
    visitor.fill_card()
    page.get_by_label("Keep this card for next time").check()
    press_pay(page, "$40.00")
    expect_receipt(page)
    whole_portal.sent_invoice(ana, 6000)
    plain = visit_portal(ana, java_script_enabled=False)
    page = plain.open("/pay")
    choose(page, "Another amount")
    page.get_by_label("Amount", exact=True).fill("25")
    press_pay(page, "$60.00")
    expect(page.get_by_text("Check the new amount")).to_be_visible()
    page.get_by_label("Amount", exact=True).fill("20")
    page.get_by_role("button", name="Show what this pays").click()
    press_pay(page, "$20.00")
    expect_receipt(page, "$20.00")
    plain.go_to_tab("Payments")
    expect(page.get_by_role("row").filter(has_text="$20.00")).to_contain_text("4242")
    assert charged(whole_portal, ana) == [2000, 4000]


def test_a_decline_says_why_and_what_next_and_the_next_card_pays(visit_portal, whole_portal):
    ana = whole_portal.customer()
    whole_portal.sent_invoice(ana, 4000)
    visitor = visit_portal(ana)
    page = visitor.open("/pay")
    visitor.fill_card(DECLINED_CARD)
    press_pay(page, "$40.00")
    expect(page.get_by_role("alert").filter(has_text="not enough money")).to_contain_text("Nothing was charged")
    visitor.expect_no_faults()
    visitor.fill_card()
    press_pay(page, "$40.00")
    expect_receipt(page)
    visitor.go_to_tab("Payments")
    expect(page.get_by_role("row").filter(has_text="Failed")).to_contain_text("Nothing was charged")
    assert charged(whole_portal, ana) == [4000]


def test_view_invoices_payments_account_credits(visit_portal, whole_portal):
    ana = whole_portal.customer()
    number = whole_portal.sent_invoice(ana, 4000)
    visitor = visit_portal(ana, java_script_enabled=False)
    expect(visitor.go_to_tab("Invoices").get_by_role("link", name=f"Invoice {number}")).to_be_visible()
    expect(visitor.go_to_tab("Payments").get_by_text("No payments yet")).to_be_visible()
    expect(visitor.go_to_tab("Credits").get_by_role("heading", name="Credits", exact=True)).to_be_visible()


@pytest.mark.parametrize("ends", ["confirmed", "cancelled"])
def test_the_banks_check_ends_at_a_receipt_or_charges_nothing(visit_portal, whole_portal, ends):
    ana = whole_portal.customer()
    whole_portal.sent_invoice(ana, 4000)
    visitor = visit_portal(ana)
    page = visitor.open("/pay")
    visitor.fill_card(BANK_CARD)
    press_pay(page, "$40.00")
    if ends == "confirmed":
        page.get_by_role("button", name="Complete").click()
        expect_receipt(page)
        assert charged(whole_portal, ana) == [4000]
        return
    page.wait_for_url("**/confirm")
    other = visitor.new_tab()
    other.goto(f"{visitor.portal}/payments")
    expect(other.get_by_text("Waiting for you")).to_be_visible()
    other.goto(f"{visitor.portal}/pay")
    expect(other.get_by_role("heading", name="Already being paid")).to_be_visible()
    # Without scripts the bank's window does not lie over the page.
    plain = visit_portal(ana, java_script_enabled=False).page
    plain.goto(page.url)
    plain.get_by_role("button", name="Cancel this payment").click()
    expect(plain.get_by_role("heading", name="Payment cancelled")).to_be_visible()
    assert charged(whole_portal, ana) == []
    assert owed(whole_portal, ana) == 4000
