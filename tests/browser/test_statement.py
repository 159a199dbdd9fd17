"""The statement and what is behind each number, as customers find them, on the whole portal at both widths."""

import csv
import io
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from chassis.ids import new_id
from contracts.billing import CreateCredit
from contracts.payments import RecordedPayment, RecordPayments


@pytest.fixture
def owing(whole_portal):
    """Ana with the numbers of her two invoices. She paid a part of the first by check, and a credit went there too."""
    ana = whole_portal.customer(name="Ana Alvarez")
    late = whole_portal.imported_invoice(ana, 8450, due_in_days=-10, issued_days_ago=40)
    later = whole_portal.imported_invoice(ana, 9900, due_in_days=20, issued_days_ago=5)
    check = RecordedPayment(
        row=1,
        external_key=new_id(),
        customer_id=ana.customer_id,
        amount_minor=5000,
        method="check",
        received_on=whole_portal.today() - timedelta(days=3),
        reference="1234",
    )
    whole_portal.call(RecordPayments(rows=[check], origin="import"))
    whole_portal.call(
        CreateCredit(
            key=new_id(), customer_id=ana.customer_id, currency="USD", amount_minor=250, reason="Rain", origin="import"
        )
    )
    whole_portal.settle()
    return ana, late, later


@pytest.mark.parametrize("scripts", [True, False], ids=["", "without-scripts"])
def test_access_account_history_customer_statement(visit_portal, owing, scripts):
    ana, late, later = owing
    visitor = visit_portal(ana, java_script_enabled=scripts)
    page = visitor.go_to_tab("Statement")
    expect(page.get_by_role("heading", name="Account history / Customer Statement")).to_be_visible()
    page.get_by_role("link", name="Everything").click()
    table = page.get_by_role("table")
    for words in (f"Invoice {late}", f"Invoice {later}", "Check", f"$50.00 on invoice {late}", "Rain"):
        expect(table.get_by_text(words).first).to_be_visible()
    expect(page.get_by_text("$131.00 − $0.00 = $131.00")).to_be_visible()
    if scripts:
        visitor.expect_no_faults()

    def file(name):
        address = page.get_by_role("link", name=name, exact=True).get_attribute("href")
        answer = visitor.context.request.get(visitor.portal + address)
        assert answer.ok
        return answer.body()

    rows = list(csv.DictReader(io.StringIO(file("CSV").decode("utf-8-sig"))))
    assert [row["balance"] for row in rows if row["kind"] == "closing_balance"] == ["131.00"]
    paper = "".join(each.extract_text() for each in PdfReader(io.BytesIO(file("PDF"))).pages)
    assert "Ana Alvarez" in paper
    assert "Closing balance $131.00" in paper
    assert f"$50.00 on invoice {late}" in paper


def test_own_dates_are_kept_and_a_wrong_one_is_told_beside_its_field(visit_portal, owing):
    ana, _late, _later = owing
    visitor = visit_portal(ana)
    page = visitor.go_to_tab("Statement")
    page.get_by_label("From", exact=True).fill("2026-03-31")
    page.get_by_label("To", exact=True).fill("2026-03-01")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("The last day comes before the first one.")).to_be_visible()
    expect(page.get_by_label("From", exact=True)).to_have_value("2026-03-31")
    visitor.expect_no_faults()
    page.get_by_label("To", exact=True).fill("2026-04-30")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Nothing happened in this period")).to_be_visible()
    expect(page.get_by_label("To", exact=True)).to_have_value("2026-04-30")


def test_why_is_this_my_balance(visit_portal, owing):
    ana, late, later = owing
    visitor = visit_portal(ana)
    page = visitor.page
    page.get_by_role("link", name="Why is this my balance?").click()
    expect(page.get_by_role("heading", name="Why is this my account balance?")).to_be_visible()
    rows = page.get_by_role("row")
    expect(rows.filter(has_text=late)).to_contain_text("$32.00")
    expect(rows.filter(has_text=later)).to_contain_text("$99.00")
    expect(page.get_by_text("Account balance", exact=True).locator("..")).to_contain_text("$131.00")
    visitor.expect_no_faults()
    visitor.open("/")
    page.get_by_role("link", name="$32.00", exact=True).click()
    expect(page.get_by_role("heading", name="Why is this past due?")).to_be_visible()


def test_the_twelve_months_lead_to_what_was_charged_and_paid(visit_portal, owing):
    ana, _late, _later = owing
    visitor = visit_portal(ana)
    page = visitor.page
    expect(page.get_by_role("heading", name="Last 12 months")).to_be_visible()
    assert page.locator("svg.months-chart rect").count() >= 2
    visitor.expect_no_faults()
    page.get_by_text("The same as a table").click()
    visitor.expect_no_faults()
    table = page.get_by_role("table", name="What was charged and paid")
    table.get_by_role("link", name="$50.00", exact=True).click()
    expect(page.get_by_role("heading", name="What was paid")).to_be_visible()
    expect(page.get_by_role("link", name="Payment", exact=True)).to_be_visible()
    visitor.expect_no_faults()
