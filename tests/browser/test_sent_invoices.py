"""What is not sent is not there, and view and pay what is: the seed's note, on the whole portal."""

import pytest
from playwright.sync_api import expect

from contracts.billing import SendInvoice

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["", "without-scripts"])


@SCRIPTS
def test_only_invoices_that_are_marked_as_sent_in_your_system_will_show_in_your_customers_portal(
    visit_portal, whole_portal, scripts
):
    ana = whole_portal.customer()
    draft = whole_portal.draft(ana, 4000)
    visitor = visit_portal(ana, java_script_enabled=scripts)
    expect(visitor.go_to_tab("Invoices").get_by_text("No invoices yet")).to_be_visible()
    number = whole_portal.call(SendInvoice(invoice_id=draft)).summary.number
    whole_portal.settle()
    visitor.page.reload()
    expect(visitor.page.get_by_role("link", name=f"Invoice {number}")).to_be_visible()


def test_if_they_are_still_marked_as_unsent_they_will_not_show_in_their_invoices_tab(visit_portal, whole_portal):
    ana = whole_portal.customer()
    sent = whole_portal.sent_invoice(ana, 8450)
    draft = whole_portal.draft(ana, 4000)
    visitor = visit_portal(ana)
    page = visitor.go_to_tab("Invoices")
    expect(page.get_by_role("link", name=f"Invoice {sent}")).to_be_visible()
    expect(page.get_by_text("$40.00")).to_have_count(0)
    assert visitor.context.request.get(f"{whole_portal.url}/invoices/{draft}").status == 404


def test_and_also_will_not_count_towards_their_balance_due_or_past_due(visit_portal, whole_portal):
    ana = whole_portal.customer()
    whole_portal.imported_invoice(ana, 8450, due_in_days=-5)
    whole_portal.draft(ana, 4000, due_in_days=0)
    whole_portal.draft(ana, 1000, due_in_days=14)
    visitor = visit_portal(ana)
    expect(visitor.page.get_by_role("region", name="Past Due")).to_contain_text("$84.50")
    visitor.page.get_by_role("link", name="Pay $84.50").click()
    for more in ("$124.50", "$134.50", "$94.50"):
        expect(visitor.page.get_by_text(more)).to_have_count(0)


def test_view_and_pay_invoices(visit_portal, whole_portal):
    ana = whole_portal.customer()
    number = whole_portal.sent_invoice(ana, 8450)
    visitor = visit_portal(ana)
    page = visitor.go_to_tab("Invoices")
    page.get_by_role("link", name=f"Invoice {number}").click()
    expect(page.get_by_role("heading", name=f"Invoice {number}")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Mowing")
    visitor.expect_no_faults()
    page.get_by_role("link", name="Pay $84.50").click()
    visitor.fill_card()
    page.get_by_role("button", name="Pay $84.50").click()
    expect(page.get_by_role("heading", name="Receipt", exact=True)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(f"Invoice {number}")
