"""Paying in a real browser, on pages whose policy forbids every inline script."""

import re

import pytest
from playwright.sync_api import expect

from contracts.payments import PayInvoices

CARD, DECLINED_CARD, BANK_CARD = "4242424242424242", "4000000000009995", "4000002500003155"


def pay_with_new_card(page, number):
    page.get_by_text("A new card").click()
    page.get_by_label("Card number").fill(number)
    page.locator(".btn-pay").click()


def test_a_new_card_pays_the_balance_and_is_kept(visit, business):
    ana = visit().signed_in()
    ana.page.get_by_role("link", name="Pay $267.00").click()
    ana.page.get_by_text("A new card").click()
    ana.page.get_by_text("Keep this card for next time").click()
    pay_with_new_card(ana.page, CARD)
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    assert business.charged_minor() == 26700
    assert business.asked(PayInvoices)[0].save_card
    ana.page.get_by_role("link", name="Go to the dashboard").click()
    expect(ana.page.get_by_text("All paid")).to_be_visible()
    assert not ana.complaints


def test_a_saved_card_pays_without_touching_stripe(visit, business):
    ana = visit().signed_in()
    ana.open("/pay?invoice=invoice-1036")
    expect(ana.page.get_by_label("Card number")).to_be_hidden()
    ana.page.locator(".btn-pay").click()
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    assert business.asked(PayInvoices)[0].card_id == "card-visa"
    assert business.charged_minor() == 8450


def test_a_saved_card_pays_without_javascript(visit, business):
    ana = visit(java_script_enabled=False).log_in()
    ana.page.get_by_role("link", name="Pay $267.00").click()
    ana.page.locator(".btn-pay").click()
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    assert business.charged_minor() == 26700


def test_an_incomplete_card_is_told_at_the_field_and_nothing_is_sent(visit, business):
    ana = visit().signed_in()
    ana.open("/pay")
    pay_with_new_card(ana.page, "4242")
    expect(ana.page.get_by_role("alert")).to_have_text("Your card number is incomplete.")
    expect(ana.page.locator(".btn-pay")).to_have_text("Pay $267.00")
    assert not business.asked(PayInvoices)


def test_a_declined_card_can_be_followed_by_another(visit, business):
    ana = visit().signed_in()
    ana.open("/pay?invoice=invoice-1036")
    pay_with_new_card(ana.page, DECLINED_CARD)
    expect(ana.page.get_by_role("alert").filter(has_text="Nothing was charged")).to_be_visible()
    assert business.charged_minor() == 0
    pay_with_new_card(ana.page, CARD)
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    assert business.charged_minor() == 8450


def test_the_banks_check_opens_by_itself_and_ends_at_the_receipt(visit, business):
    ana = visit().signed_in()
    ana.open("/pay?invoice=invoice-1042")
    pay_with_new_card(ana.page, BANK_CARD)
    ana.page.get_by_role("button", name="Complete authentication").click()
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    assert business.charged_minor() == 8450
    assert not ana.complaints


def test_the_banks_check_can_be_left_and_taken_up_from_the_dashboard(visit, business):
    ana = visit().signed_in()
    ana.open("/pay?invoice=invoice-1042")
    pay_with_new_card(ana.page, BANK_CARD)
    ana.page.wait_for_url("**/confirm")
    ana.open("/")
    expect(ana.page.get_by_text("confirm with your bank")).to_be_visible()
    ana.page.get_by_role("region", name="Payments on their way").get_by_role("link").click()
    ana.page.get_by_role("button", name="Complete authentication").click()
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()


def test_a_double_click_charges_once(visit, business):
    ana = visit().signed_in()
    ana.open("/pay")
    ana.page.locator(".btn-pay").dblclick()
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    assert business.charged_minor() == 26700
    assert len(business.by_key) == 1


def test_the_button_shows_that_it_is_working(visit, business):
    ana = visit().signed_in()
    ana.open("/pay")
    ana.page.evaluate("window.held = new Promise((answer) => { window.letGo = answer; }); undefined")
    pay_with_new_card(ana.page, CARD)
    expect(ana.page.locator(".btn-pay[aria-busy=true]")).to_have_text("Paying $267.00…")
    ana.page.locator(".btn-pay").click()
    ana.page.evaluate("letGo()")
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    assert len(business.asked(PayInvoices)) == 1


def test_back_and_reload_after_paying_charge_nothing_more(visit, business):
    ana = visit().signed_in()
    ana.open("/pay")
    ana.page.locator(".btn-pay").click()
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    ana.page.reload()
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    ana.page.go_back()
    expect(ana.page.get_by_role("heading", name="Nothing to pay")).to_be_visible()
    assert business.charged_minor() == 26700


def test_two_tabs_charge_once(visit, business):
    ana = visit().signed_in()
    second = ana.new_tab()
    ana.open("/pay")
    second.goto(f"{ana.portal}/pay")
    ana.page.locator(".btn-pay").click()
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    second.locator(".btn-pay").click()
    expect(second.get_by_role("heading", name="Nothing to pay")).to_be_visible()
    assert business.charged_minor() == 26700


def test_an_amount_that_changed_meanwhile_is_asked_for_again(visit, business):
    ana = visit().signed_in()
    second = ana.new_tab()
    second.goto(f"{ana.portal}/pay")
    ana.open("/pay?invoice=invoice-1031")
    ana.page.locator(".btn-pay").click()
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    second.locator(".btn-pay").click()
    expect(second.get_by_text("It was $267.00 and is $169.00 now")).to_be_visible()
    assert business.charged_minor() == 9800
    second.locator(".btn-pay").click()
    expect(second.get_by_role("heading", name="Receipt")).to_be_visible()
    assert business.charged_minor() == 26700


def test_ticked_invoices_are_paid_together(visit, business):
    ana = visit().signed_in()
    ana.open("/invoices?show=open")
    ana.page.get_by_label("Choose invoice 1031").check()
    ana.page.get_by_label("Choose invoice 1042").check()
    ana.page.get_by_role("button", name="Pay chosen invoices").click()
    expect(ana.page.locator(".btn-pay")).to_have_text("Pay $182.50")
    ana.page.locator(".btn-pay").click()
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
    assert set(business.asked(PayInvoices)[0].invoice_ids) == {"invoice-1031", "invoice-1042"}


@pytest.mark.parametrize("blocked", ["https://js.stripe.com/**"])
def test_without_stripes_script_the_page_says_so_and_saved_cards_still_pay(visit, business, blocked):
    ana = visit().signed_in()
    ana.context.unroute_all()
    ana.context.route(blocked, lambda route: route.abort())
    ana.open("/pay")
    ana.page.get_by_text("A new card").click()
    expect(ana.page.get_by_role("alert")).to_contain_text("could not be loaded")
    ana.page.locator(".btn-pay").click()
    expect(ana.page).to_have_url(re.compile("/pay$"))
    ana.page.get_by_text("Visa ·· 4242").click()
    ana.page.locator(".btn-pay").click()
    expect(ana.page.get_by_role("heading", name="Receipt")).to_be_visible()
