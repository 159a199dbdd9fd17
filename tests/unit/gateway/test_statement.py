"""The statement on the screen, on paper and as a table: the same figures three times."""

import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader

from contracts import codes
from contracts.balance import Application, AppliedPart, GetStatement
from contracts.wire import Refused
from gateway import statement
from tests.support import gateway as views
from tests.support.gateway_balance import a_statement
from tests.support.html import faults_of

ROWS = [
    views.an_activity_row(event_id="e1", reference="1001", description="Mowing ×2", running_balance_minor=8450),
    views.an_activity_row(
        event_id="e2",
        kind="payment",
        source_id="p1",
        reference="",
        description="Visa ·· 4242",
        amount_minor=-10000,
        running_balance_minor=-1550,
    ),
    views.an_activity_row(
        event_id="e3", reference="1002", description="Hedge", amount_minor=99, running_balance_minor=-1451
    ),
    views.an_activity_row(
        event_id="e4",
        kind="credit",
        source_id="c1",
        reference="",
        description="Rain",
        amount_minor=-1,
        running_balance_minor=-1452,
    ),
    views.an_activity_row(
        event_id="e5",
        kind="void",
        reference="1002",
        description="sent twice",
        amount_minor=-99,
        running_balance_minor=-1551,
    ),
]
PAID = Application(
    event_id="e2",
    parts=[AppliedPart(invoice_id="i1", invoice_number="1001", amount_minor=8450)],
    left_minor=1550,
)


@pytest.fixture
def view(backend):
    view = a_statement(*ROWS, applications=[PAID], credits_minor=1551)
    backend.answers(GetStatement, view)
    return view


def table_of(response):
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))


def text_of(markup):
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def test_screen_paper_and_table_are_equal(ana, view):
    screen = text_of(ana.get("/statement").text)
    pages = PdfReader(io.BytesIO(ana.get("/statement.pdf").data)).pages
    paper = " ".join(" ".join(page.extract_text() for page in pages).split())
    rows = table_of(ana.get("/statement.csv"))
    kinds = [row["kind"] for row in rows]
    assert kinds[:7] == ["opening_balance", "invoice", "payment", "invoice", "credit", "void", "closing_balance"]
    assert Decimal(rows[0]["balance"]) * 100 == view.opening_minor
    assert Decimal(rows[6]["balance"]) * 100 == view.closing_minor
    at_screen, at_paper = screen.index("Amount Balance"), paper.index("Amount Balance")
    for shown, row in zip(view.rows, rows[1:6], strict=True):
        assert Decimal(row["amount"]) * 100 == shown.amount_minor
        assert Decimal(row["balance"]) * 100 == shown.running_balance_minor
        sign = "+" if shown.amount_minor > 0 else "−"
        amount = f"{sign}${abs(Decimal(row['amount']))}"
        left = Decimal(row["balance"])
        balance = f"{'−' if left < 0 else ''}${abs(left)}"
        at_screen = screen.index(balance, screen.index(amount, at_screen))
        at_paper = paper.index(balance, paper.index(amount, at_paper))
    for words in ("$84.50 on invoice 1001", "$15.50 left as credit", "Opening balance", "Closing balance", "Not late"):
        assert words in screen
        assert words in paper
    assert rows[2]["invoices_paid"] == "1001 84.50"
    assert rows[2]["left_as_credit"] == "15.50"
    equation = "$0.00 − $15.51 = −$15.51"
    assert equation in screen
    assert equation in paper


def test_each_is_one_round_of_calls(ana, backend, view):
    for path in ("/statement", "/statement.pdf", "/statement.csv", "/account-history"):
        backend.gathers.clear()
        assert ana.get(path).status_code == 200
        assert len(backend.gathers) == 1
    assert backend.calls == []


@pytest.mark.parametrize("period", ["this-month", "last-month", "this-year", "last-year", "all"])
def test_a_preset_is_asked_for_by_name_and_leads_to_its_files(ana, backend, view, period):
    page = ana.get(f"/statement?period={period}").text
    assert backend.asked(GetStatement)[-1].period == period.replace("-", "_")
    assert f'href="/statement.pdf?period={period}"' in page
    assert f'href="/statement.csv?period={period}"' in page
    assert faults_of(page) == []


def test_own_dates_are_asked_for_and_kept(ana, backend, view):
    page = ana.get("/statement?from=2026-02-01&to=2026-03-31").text
    asked = backend.asked(GetStatement)[-1]
    assert (asked.period, asked.starts_on, asked.ends_on) == ("custom", date(2026, 2, 1), date(2026, 3, 31))
    assert 'value="2026-02-01"' in page
    assert "/statement.pdf?period=custom&amp;from=2026-02-01&amp;to=2026-03-31" in page


@pytest.mark.parametrize(
    "wrong", ["yesterday", "2026-02-30", "20260201", "2026-W01-1", "'; DROP TABLE", "٢٠٢٦-٠١-٠١", "9" * 5000, "<b>"]
)
@pytest.mark.parametrize("path", ["/statement", "/statement.pdf", "/statement.csv"])
def test_a_wrong_date_gets_a_message_at_its_field_and_stays(ana, backend, view, path, wrong):
    answer = ana.get(path, query_string={"period": "custom", "from": wrong, "to": "2026-03-31"})
    assert answer.status_code == 422
    assert 'id="from-problem">Enter a date as year-month-day' in answer.text
    assert 'value="2026-03-31"' in answer.text
    assert wrong[:40].replace("'", "&#39;").replace("<b>", "&lt;b&gt;") in answer.text
    assert backend.asked(GetStatement) == []


@pytest.mark.parametrize("path", ["/statement", "/statement.pdf", "/statement.csv"])
def test_days_that_balance_refuses_are_said_at_their_field(ana, backend, path):
    refusal = Refused(codes.INVALID, "The last day comes before the first one.", field="ends_on")
    backend.answers(GetStatement, refusal)
    answer = ana.get(f"{path}?from=2026-03-31&to=2026-02-01")
    assert answer.status_code == 422
    assert 'id="to-problem">The last day comes before the first one.' in answer.text
    assert 'value="2026-03-31"' in answer.text


def test_a_period_that_does_not_exist_is_no_page(ana):
    assert ana.get("/statement?period=century").status_code == 404


def test_a_cursor_that_is_not_ours_is_no_page(ana, backend):
    backend.answers(GetStatement, Refused(codes.INVALID, "This page no longer exists.", field="cursor"))
    assert ana.get("/statement?after=zzz").status_code == 404


def test_a_long_statement_goes_on_at_the_cursor_in_its_period(ana, backend):
    backend.answers(GetStatement, a_statement(*ROWS, next_cursor="k1"))
    assert "/statement?after=k1&amp;period=last-year" in ana.get("/statement?period=last-year").text
    ana.get("/statement?period=last-year&after=k1")
    assert backend.asked(GetStatement)[-1].cursor == "k1"


def test_more_than_a_file_holds_is_said_not_cut(ana, backend):
    backend.answers(GetStatement, a_statement(*ROWS, total_rows=10_001))
    for path in ("/statement.pdf", "/statement.csv"):
        answer = ana.get(path)
        assert answer.status_code == 422
        assert "This period is too long for one file" in answer.text
        assert "10001 entries" in answer.text
    assert backend.asked(GetStatement)[0].limit == statement.MOST_ON_PAPER


def test_an_empty_period_says_what_would_be_there(ana, backend):
    backend.answers(GetStatement, a_statement())
    assert "Nothing happened in this period" in ana.get("/statement").text


def test_the_table_cannot_run_anything_in_a_spreadsheet(ana, backend):
    commands = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\r=1"]
    rows = [views.an_activity_row(event_id=f"e{n}", description=each) for n, each in enumerate(commands)]
    backend.answers(GetStatement, a_statement(*rows))
    response = ana.get("/statement.csv")
    assert response.data.startswith(b"\xef\xbb\xbfdate,kind,")
    found = [row["description"] for row in table_of(response) if row["kind"] == "invoice"]
    assert all(each.startswith("'") for each in found)
    assert [each[1:] for each in found] == commands


def test_money_paid_a_moment_ago_is_waited_for_and_said_to_be_processing(ana, backend):
    ana.post("/pay", data=ana.pay_fields() | {"card": "card-visa"})
    backend.answers(GetStatement, lambda command: a_statement(*ROWS, included=not command.must_include))
    assert "Processing $84.50" in ana.get("/statement").text
    assert backend.asked(GetStatement)[-1].must_include == ["payment-1"]
