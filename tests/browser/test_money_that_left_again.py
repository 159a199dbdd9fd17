"""Refunds and disputes on the whole portal: what its customer sees of money that left again."""

from typing import Any

import requests
from playwright.sync_api import Page, expect

from contracts.billing import GetAmountDue
from contracts.payments import GetPayment
from tests.support.embedded_portal import Customer, EmbeddedPortal
from tests.support.waiting import eventually

DISPUTED_CARD = "4000000000000259"


def refund(portal: EmbeddedPortal, payment_id: str, amount_minor: int) -> None:
    """The business refunds at its Stripe, as on Stripe's own pages."""
    api, signed = (
        f"{portal.stripe_api_base}/v1",
        {"Authorization": f"Bearer {portal.services.environ['STRIPE_SECRET_KEY']}"},
    )
    listed = requests.get(f"{api}/payment_intents", params={"limit": "100"}, headers=signed, timeout=30)
    listed.raise_for_status()
    (intent,) = [each for each in listed.json()["data"] if each["metadata"].get("payment_id") == payment_id]
    body = {"payment_intent": intent["id"], "amount": str(amount_minor)}
    requests.post(f"{api}/refunds", data=body, headers=signed, timeout=30).raise_for_status()


def pay(visitor: Any, amount: str, card: str = "4242424242424242") -> Page:
    page: Page = visitor.open("/pay")
    visitor.fill_card(card)
    page.get_by_role("button", name=f"Pay {amount}", exact=True).click()
    expect(page.get_by_role("heading", name="Receipt", exact=True)).to_be_visible()
    return page


def wait_for_return(portal: EmbeddedPortal, customer: Customer, page: Page) -> None:
    command = GetPayment(customer_id=customer.customer_id, payment_id=page.url.rpartition("/")[2])
    eventually(lambda: bool(portal.call(command).returns))
    portal.settle()


def owed(portal: EmbeddedPortal, customer: Customer) -> int:
    return portal.call(GetAmountDue(customer_id=customer.customer_id)).balance_due_minor


def test_a_refund_is_on_payments_on_the_receipt_and_on_the_statement(visit_portal, whole_portal):
    ana = whole_portal.customer()
    number = whole_portal.sent_invoice(ana, 7300)
    visitor = visit_portal(ana)
    page = pay(visitor, "$73.00")
    refund(whole_portal, page.url.rpartition("/")[2], 2000)
    wait_for_return(whole_portal, ana, page)
    assert owed(whole_portal, ana) == 2000
    visitor.go_to_tab("Payments")
    row = page.get_by_role("row").filter(has_text="$73.00")
    expect(row).to_contain_text("Refunded in part")
    expect(row).to_contain_text("Refunded $20.00 on")
    visitor.expect_no_faults()
    row.get_by_role("link", name="Receipt").click()
    since = page.get_by_role("region", name="What became of it since")
    expect(since).to_contain_text("Refunded $20.00 on")
    expect(since).to_contain_text("$53.00")
    expect(page.get_by_role("link", name="PDF")).to_be_visible()
    visitor.expect_no_faults()
    page.get_by_role("link", name=f"Invoice {number}").click()
    expect(page.get_by_role("link", name="Pay $20.00")).to_be_visible()
    visitor.go_to_tab("Statement")
    expect(page.get_by_role("row").filter(has_text="Refund")).to_contain_text("$20.00")
    visitor.expect_no_faults()


def test_a_dispute_says_that_the_bank_has_the_money_and_the_invoice_is_open_again(visit_portal, whole_portal):
    ana = whole_portal.customer()
    number = whole_portal.sent_invoice(ana, 4100)
    visitor = visit_portal(ana)
    page = pay(visitor, "$41.00", DISPUTED_CARD)
    wait_for_return(whole_portal, ana, page)
    page.reload()
    expect(page.get_by_role("region", name="What became of it since")).to_contain_text("Your bank has the money")
    visitor.expect_no_faults()
    visitor.go_to_tab("Payments")
    expect(page.get_by_role("row").filter(has_text="$41.00").first).to_contain_text("Disputed")
    visitor.expect_no_faults()
    page.get_by_role("link", name=f"Invoice {number}").first.click()
    expect(page.get_by_role("link", name="Pay $41.00")).to_be_visible()
    visitor.go_to_tab("Statement")
    expect(page.get_by_role("row").filter(has_text="Disputed payment")).to_contain_text("$41.00")
    assert owed(whole_portal, ana) == 4100
