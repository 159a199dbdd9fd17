"""Papers: tagged, whole, the same as their pages, with nothing of what people wrote read as markup."""

import io
import sys
import time
from datetime import date, timedelta

import pytest
from pypdf import PdfReader

from contracts import codes
from contracts.balance import GetStatement
from contracts.billing import GetInvoice, InvoiceLine, InvoiceView
from contracts.payments import GetPayment, PaidInvoice
from contracts.wire import Refused
from gateway.papers import printing
from gateway.papers.content import file_name
from gateway.papers.fonts import drawable
from tests.support import gateway as views
from tests.support.gateway_balance import a_statement

HOSTILE = '#panic() *bold* _x_ $1/0$ @ref <label> `raw` \\u{41} // comment /* #import "/etc/passwd"'


def read(response):
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/pdf"
    return PdfReader(io.BytesIO(response.data))


def text_of(paper):
    return "\n".join(page.extract_text() for page in paper.pages)


def an_invoice_of(*descriptions, memo=""):
    lines = [
        InvoiceLine(description=each, unit_price_minor=4900, amount_minor=4900, serviced_on=date(2026, 6, 20))
        for each in descriptions
    ]
    return InvoiceView(summary=views.an_invoice(), lines=lines, allocations=[], as_of=views.TODAY, memo=memo)


def tags_of(paper):
    """Every structure element's type, from the root down."""
    found, waiting = [], [paper.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop().get_object()
        if "/S" in element:
            found.append(str(element["/S"]))
        kids = element.get("/K", [])
        kids = kids.get_object() if hasattr(kids, "get_object") else kids
        for kid in kids if isinstance(kids, list) else [kids]:
            kid = kid.get_object() if hasattr(kid, "get_object") else kid
            if isinstance(kid, dict):
                waiting.append(kid)
    return found


def test_an_invoice_says_on_paper_what_its_page_says(ana, backend):
    backend.answers(GetInvoice, an_invoice_of("Mowing", "Edging", memo="We come again\non Tuesday."))
    response = ana.get("/invoices/invoice-1042.pdf")
    paper = read(response)
    text = text_of(paper)
    for words in ("Green Acres Lawn", "Springfield, IL 62704", "Invoice 1042", "Open", "Ana Whitfield", "Jun 26, 2026"):
        assert words in text
    for words in ("Mowing", "Edging", "$49.00", "Jun 20, 2026", "Total $84.50", "on Tuesday.", "Page 1 of 1"):
        assert words in text
    assert paper.metadata["/Title"] == "Invoice 1042, Green Acres Lawn"
    assert paper.trailer["/Root"]["/Lang"] == "en"
    assert response.headers["Content-Disposition"] == 'inline; filename="invoice-1042.pdf"'


def test_a_paper_is_tagged_with_headings_and_a_table_head(ana, backend):
    backend.answers(GetInvoice, an_invoice_of("Mowing"))
    paper = read(ana.get("/invoices/invoice-1042.pdf"))
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert {"/H1", "/Table", "/THead", "/TH", "/TD", "/TBody"} <= set(tags_of(paper))


def test_a_table_head_stands_on_every_page(ana, backend):
    backend.answers(GetInvoice, an_invoice_of(*(f"Visit {number}" for number in range(120))))
    paper = read(ana.get("/invoices/invoice-1042.pdf"))
    count = len(paper.pages)
    assert count > 2
    for number, page in enumerate(paper.pages, start=1):
        text = page.extract_text()
        assert f"Page {number} of {count}" in text
        assert "Quantity" in text or "Visit" not in text
    assert "Visit 119" in text_of(paper)


def test_what_people_wrote_is_set_as_they_wrote_it(ana, backend):
    backend.answers(GetInvoice, an_invoice_of(HOSTILE, memo=HOSTILE))
    text = " ".join(text_of(read(ana.get("/invoices/invoice-1042.pdf"))).split())
    assert text.count(HOSTILE) == 2


def test_a_word_without_end_breaks_and_is_copied_as_it_was(ana, backend):
    word = "https://example.com/" + "a1" * 100
    backend.answers(GetInvoice, an_invoice_of(word))
    text = text_of(read(ana.get("/invoices/invoice-1042.pdf")))
    assert word in text.replace("\n", "")
    assert "\u200b" not in text


@pytest.mark.parametrize("name", ["שלום עולם", "العربية", "Ђорђе Ωmega", "नमस्ते"])
def test_a_name_in_another_script_is_drawn_in_it(ana, backend, name):
    backend.answers(GetInvoice, an_invoice_of(name))
    assert drawable(name) == name
    text = text_of(read(ana.get("/invoices/invoice-1042.pdf")))
    # Which form of a letter a reader gives back is the reader's affair; that each glyph stands for text is ours.
    assert sum(sign in text for sign in name) > len(name) / 2


@pytest.mark.parametrize(
    ("name", "written"),
    [("李小龍", "LiXiaoLong"), ("Ana 🌿", "Ana :herb:"), ("a\x00b\ud800c", "abc"), ("Zoë O’Brien", "Zoë O’Brien")],
)
def test_what_the_typeface_has_not_is_written_in_latin_letters(name, written):
    assert drawable(name) == written


def test_a_receipt_says_on_paper_what_its_page_says(ana, backend):
    part = PaidInvoice(invoice_id="i1", number="1042", amount_minor=8000)
    backend.answers(GetPayment, views.a_payment(invoices=[part], excess_minor=450, reference="R-77"))
    response = ana.get("/receipts/payment-1.pdf")
    text = text_of(read(response))
    for words in ("Receipt", "Paid", "$84.50", "Visa ·· 4242", "Jul 3, 2026", "Invoice 1042 $80.00", "R-77"):
        assert words in text
    assert "Kept as your credit $4.50" in text
    assert response.headers["Content-Disposition"] == 'inline; filename="receipt-2026-07-03.pdf"'


def test_a_receipt_on_paper_says_below_what_was_sent_back(ana, backend):
    returns = [views.a_return("dispute", "returned", 6450), views.a_return("refund", "returned", 2000)]
    backend.answers(GetPayment, views.a_payment(returns=returns))
    text = " ".join(text_of(read(ana.get("/receipts/payment-1.pdf"))).split())
    for words in ("Paid $84.50", "Disputed: $64.50 on Jul 3, 2026", "Your bank has the money", "Refunded $20.00 on"):
        assert words in text
    assert "With us now $0.00" in text
    backend.answers(GetPayment, views.a_payment())
    assert "With us now" not in text_of(read(ana.get("/receipts/payment-1.pdf")))


@pytest.mark.parametrize("state", ["processing", "failed", "cancelled", "requires_action"])
def test_there_is_no_receipt_of_a_payment_that_did_not_succeed(ana, backend, state):
    backend.answers(GetPayment, views.a_payment(state))
    assert ana.get("/receipts/payment-1.pdf").status_code == 404


@pytest.mark.parametrize("path", ["/invoices/somebody-elses.pdf", "/receipts/somebody-elses.pdf"])
def test_what_has_no_page_has_no_paper(ana, backend, path):
    for command in (GetInvoice, GetPayment):
        backend.answers(command, Refused(codes.NOT_FOUND, "There is no such thing."))
    assert ana.get(path).status_code == 404
    assert ana.get(path.removesuffix(".pdf")).status_code == 404


@pytest.mark.parametrize("path", ["/invoices/x.pdf", "/receipts/x.pdf", "/statement.pdf", "/statement.csv"])
def test_a_stranger_gets_no_paper(stranger, path):
    assert stranger.get(path).status_code == 303


def test_a_press_that_fails_is_said_to_be_temporary(ana, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    answer = ana.get("/invoices/invoice-1042.pdf")
    assert answer.status_code == 503
    assert "cannot show this right now" in answer.text


def test_a_press_that_hangs_is_ended(ana, monkeypatch):
    monkeypatch.setattr(printing, "LONGEST_S", 0.001)
    started = time.monotonic()
    assert ana.get("/invoices/invoice-1042.pdf").status_code == 503
    assert time.monotonic() - started < 5


def test_a_file_name_has_only_what_every_system_takes():
    assert file_name("invoice", '10/42";\r\nSet-Cookie: x') == "invoice-10-42-set-cookie-x"
    assert file_name("שלום") == "paper"
    assert len(file_name("x" * 500)) == 80


def test_a_statement_of_sixty_lines_has_them_all_in_order(ana, backend):
    rows = [
        views.an_activity_row(
            event_id=f"e{number}",
            reference=f"{2000 + number}",
            effective_on=date(2026, 1, 1) + timedelta(days=number),
            running_balance_minor=8450 * (number + 1),
        )
        for number in range(60)
    ]
    backend.answers(GetStatement, a_statement(*rows))
    text = text_of(read(ana.get("/statement.pdf")))
    places = [text.index(f"Invoice {2000 + number}") for number in range(60)]
    assert places == sorted(places)
