"""The whole portal in a browser: a customer pays what the business has just sent."""

from playwright.sync_api import expect

from tests.support.waiting import eventually


def test_an_invoice_that_is_sent_is_seen_paid_and_receipted(visit_portal, whole_portal):
    ana = whole_portal.customer()
    number = whole_portal.sent_invoice(ana, 8450)
    visitor = visit_portal(ana)
    expect(visitor.page.get_by_text("$84.50").first).to_be_visible()
    visitor.expect_no_faults()
    visitor.go_to_tab("Invoices").get_by_role("link", name=f"Invoice {number}").click()
    visitor.page.get_by_role("link", name="Pay $84.50").click()
    visitor.fill_card()
    visitor.page.get_by_role("button", name="Pay $84.50").click()
    expect(visitor.page.get_by_role("heading", name="Receipt")).to_be_visible()
    receipt = whole_portal.mailbox.wait_for(ana.email, "receipt")
    assert "$84.50" in receipt["subject"]
    eventually(lambda: "All paid" in visitor.open("/").content())
