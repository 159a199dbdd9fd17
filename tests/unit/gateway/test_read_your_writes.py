"""After a payment no page shows the old figures as if nothing had happened: it waits, or it says "processing"."""

import msgspec
import pytest

from contracts.billing import GetAmountDue, GetInvoice, InvoiceView, ListCredits, ListInvoices
from tests.support import gateway as views

PAGES = {
    "/invoices": (ListInvoices, views.an_invoice_page(views.an_invoice())),
    "/invoices/invoice-1042": (
        GetInvoice,
        InvoiceView(summary=views.an_invoice(), lines=[], allocations=[], as_of=views.TODAY),
    ),
    "/credits": (ListCredits, views.a_credit_page()),
    "/pay": (GetAmountDue, views.an_amount_due(views.an_invoice())),
}


@pytest.fixture
def paid(ana):
    """Ana has just paid $84.50."""
    assert ana.post("/pay", data=ana.pay_fields() | {"card": "card-visa"}).status_code == 303
    return ana


@pytest.mark.parametrize("path", PAGES)
def test_the_page_asks_for_the_payment_and_says_processing_while_it_is_not_in(paid, backend, path):
    question, answer = PAGES[path]
    backend.answers(question, msgspec.structs.replace(answer, included=False))
    page = paid.get(path).text
    assert backend.asked(question)[-1].must_include == ["payment-1"]
    assert "Processing $84.50" in page


@pytest.mark.parametrize("path", PAGES)
def test_once_it_is_in_nothing_is_said(paid, backend, path):
    question, answer = PAGES[path]
    backend.answers(question, answer)
    assert "Processing" not in paid.get(path).text


@pytest.mark.parametrize("path", PAGES)
def test_who_has_not_paid_waits_for_nothing(ana, backend, path):
    question, answer = PAGES[path]
    backend.answers(question, answer)
    ana.get(path)
    assert backend.asked(question)[-1].must_include == []
