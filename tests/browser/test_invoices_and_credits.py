"""Invoices and Credits on the whole portal, as a customer walks them, at both widths."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from chassis.ids import new_id
from contracts.billing import CreateCredit, FindInvoices, ImportInvoices, InvoiceRow, VoidInvoice
from tests.support.embedded_portal import Customer, EmbeddedPortal


def many_invoices(portal: EmbeddedPortal, customer: Customer, count: int) -> list[str]:
    """Open invoices of $10.00, $10.01 and so on, the first issued last; every tenth is for a hedge. Their numbers."""
    numbers = [portal.new_number() for _ in range(count)]
    rows = [
        InvoiceRow(
            row=at,
            customer_id=customer.customer_id,
            number=number,
            issued_on=portal.today() - timedelta(days=at + 1),
            due_on=portal.today() + timedelta(days=count - at),
            total_minor=1_000 + at,
            description="Hedge trimming" if at % 10 == 3 else "Mowing",
        )
        for at, number in enumerate(numbers)
    ]
    results = portal.call(ImportInvoices(rows=rows))
    assert all(result.status == "created" for result in results), results
    portal.settle()
    return numbers


def listed(page: Page) -> list[str]:
    """The numbers of the invoices in the list, in its order."""
    links = page.get_by_role("table").get_by_role("link").all_inner_texts()
    return [text.removeprefix("Invoice ") for text in links]


def search(page: Page, words: str) -> None:
    page.get_by_label("Search", exact=True).fill(words)
    page.get_by_label("Search", exact=True).press("Enter")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no_scripts"])
def test_invoices_are_filtered_searched_sorted_and_paged_and_several_are_ticked_and_paid(
    visit_portal, whole_portal, scripts: bool
):
    ana = whole_portal.customer()
    numbers = many_invoices(whole_portal, ana, 28)
    visitor = visit_portal(ana, java_script_enabled=scripts)
    page = visitor.go_to_tab("Invoices")
    assert listed(page) == numbers[:25]
    if scripts:
        visitor.expect_no_faults()
    page.get_by_role("checkbox", name=f"Choose invoice {numbers[2]}").check()
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("1 more chosen on other pages")).to_be_visible()
    assert listed(page) == numbers[25:]
    page.get_by_role("checkbox", name=f"Choose invoice {numbers[26]}").check()
    page.get_by_role("button", name="First page").click()
    expect(page.get_by_role("checkbox", name=f"Choose invoice {numbers[2]}")).to_be_checked()
    page.get_by_label("Sort").select_option("Due date, earliest first")
    search(page, "hedge")
    assert listed(page) == [numbers[23], numbers[13], numbers[3]]
    expect(page.get_by_text("2 more chosen on other pages")).to_be_visible()
    page.get_by_role("checkbox", name=f"Choose invoice {numbers[13]}").check()
    search(page, "$10.05")
    assert listed(page) == [numbers[5]]
    search(page, numbers[7])
    assert listed(page) == [numbers[7]]
    search(page, "zebra")
    expect(page.get_by_text("No invoice found")).to_be_visible()
    if scripts:
        visitor.expect_no_faults()
    page.get_by_role("button", name="Pay chosen invoices").click()
    expect(page.get_by_role("heading", name="Pay", exact=True)).to_be_visible()
    # $10.02, $10.13 and $10.26, from two pages and a search.
    expect(page.get_by_text("$30.41").first).to_be_visible()


def test_an_invoice_shows_its_lines_and_leads_to_the_credit_on_it_and_back(visit_portal, whole_portal):
    ana = whole_portal.customer()
    whole_portal.call(
        CreateCredit(
            key=new_id(),
            customer_id=ana.customer_id,
            currency="USD",
            amount_minor=2_500,
            reason="Gate left open, with our apologies",
        )
    )
    number = whole_portal.sent_invoice(ana, 1_000)
    visitor = visit_portal(ana)
    page = visitor.go_to_tab("Credits")
    expect(page.get_by_text("Money you've paid that isn't on an invoice yet.")).to_be_visible()
    credit = page.get_by_role("row").filter(has_text="Gate left open")
    expect(credit).to_contain_text("$25.00")
    expect(credit).to_contain_text("$15.00")
    visitor.expect_no_faults()
    credit.get_by_role("link", name=f"invoice {number}").click()
    expect(page.get_by_text("Nothing left to pay")).to_be_visible()
    visitor.expect_no_faults()
    page.get_by_role("link", name="Credit", exact=True).click()
    expect(page.get_by_role("heading", name="Credits", exact=True)).to_be_visible()


def test_a_customer_without_invoices_or_credits_is_told_what_will_appear(visit_portal, whole_portal):
    visitor = visit_portal(whole_portal.customer(name="שרה אהרוני"), java_script_enabled=False)
    expect(visitor.go_to_tab("Invoices").get_by_text("No invoices yet")).to_be_visible()
    expect(visitor.go_to_tab("Credits").get_by_text("No credits yet")).to_be_visible()


def test_a_draft_one_voided_before_it_was_sent_and_other_customers_invoices_are_404_on_every_route(
    visit_portal, whole_portal
):
    ana, neighbour = whole_portal.customer(), whole_portal.on_file()
    draft, gone = whole_portal.draft(ana, 1_000), whole_portal.draft(ana, 1_000)
    whole_portal.call(VoidInvoice(invoice_id=gone, reason="entered twice"))
    theirs_number = whole_portal.sent_invoice(neighbour, 1_000)
    (theirs,) = whole_portal.call(FindInvoices(numbers=[theirs_number]))
    visitor = visit_portal(ana)
    for invoice_id in (draft, gone, theirs.invoice_id, new_id(), "%00", "..%2f"):
        for path in (f"/invoices/{invoice_id}", f"/invoices/{invoice_id}.pdf", f"/pay?invoice={invoice_id}"):
            answer = visitor.page.request.get(whole_portal.url + path)
            assert answer.status == 404, (path, answer.status)
    page = visitor.open("/invoices?q=" + theirs_number)
    expect(page.get_by_text("No invoice found")).to_be_visible()


def test_whatever_is_typed_into_the_search_gets_an_answer_and_is_kept(visit_portal, whole_portal):
    visitor = visit_portal(whole_portal.customer())
    page = visitor.go_to_tab("Invoices")
    for typed in ("x" * 400, "<script>alert(1)</script>", "٪\u061c\u202e%00'; DROP", "🌱" * 30):
        search(page, typed)
        expect(page.get_by_role("heading", name="Invoices")).to_be_visible()
        expect(page.get_by_label("Search", exact=True)).to_have_value(typed)
    visitor.expect_no_faults()
