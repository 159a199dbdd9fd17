"""Why is this my balance? Each number on the dashboard opens the rows that add up to it."""

import re
from datetime import date

import pytest

from contracts.balance import ExplainFigure, GetAccount, MonthFigures
from gateway.months_chart import HIGH, LOWEST_SEEN, months_chart
from tests.support import gateway as views
from tests.support.gateway_balance import a_figure, a_figure_row, some_months
from tests.support.html import faults_of


def test_each_number_of_the_dashboard_opens_its_rows(ana, backend):
    account = views.an_account(past_due_minor=18250, credits_minor=1200, account_balance_minor=25500)
    backend.answers(GetAccount, account)
    page = ana.get("/").text
    for figure, amount in {
        "past-due": "$182.50",
        "balance-due": "$267.00",
        "credits": "$12.00",
        "account-balance": "$255.00",
    }.items():
        assert re.search(rf'href="/why/{figure}">{re.escape(amount)}</a>', page), figure
    assert "Why is this my balance?</a>" in page


def test_the_months_come_with_the_account_in_one_round(ana, backend):
    backend.answers(GetAccount, lambda command: views.an_account(months=some_months()[-command.months :]))
    page = ana.get("/").text
    assert backend.asked(GetAccount)[-1].months == 12
    assert len(backend.gathers) == 1
    assert page.count('class="bar-charged"') == 12
    assert page.count('class="bar-paid"') == 11
    assert 'href="/why/charged/2026-07"' in page
    assert 'href="/why/paid/2025-08"' in page
    table = page[page.index("rows-months") :]
    assert "July 2026" in table
    assert table.count("$84.50</a>") >= 23
    assert faults_of(page) == []


def test_the_picture_has_no_style_of_its_own(ana, backend):
    backend.answers(GetAccount, views.an_account(months=some_months()))
    page = ana.get("/").text
    picture = page[page.index('<svg class="months-chart"') : page.index("months-names")]
    assert "style" not in picture
    assert "<script" not in picture


def test_a_year_without_anything_says_what_will_be_drawn(ana, backend):
    months = [MonthFigures(month=date(2026, month, 1), charged_minor=0, paid_minor=0) for month in range(1, 8)]
    backend.answers(GetAccount, views.an_account(months=months))
    page = ana.get("/").text
    assert "Nothing in the last 12 months" in page
    assert "<rect" not in page


def test_without_balance_the_picture_is_unavailable(ana, backend):
    backend.take_away("balance")
    assert "The last 12 months are temporarily unavailable" in ana.get("/").text


def test_the_highest_bar_fills_the_picture_and_the_smallest_is_seen():
    months = [
        MonthFigures(month=date(2026, 1, 1), charged_minor=123456789, paid_minor=99),
        MonthFigures(month=date(2026, 2, 1), charged_minor=-500, paid_minor=0, credited_minor=700),
    ]
    chart = months_chart(months)
    assert chart is not None
    assert [(bar.figure, bar.height) for bar in chart.bars] == [("charged", HIGH), ("paid", LOWEST_SEEN)]
    assert all(bar.y + bar.height == HIGH for bar in chart.bars)
    assert chart.has_credits
    assert months_chart([]) is None


def test_a_month_that_only_took_back_divides_by_nothing():
    chart = months_chart([MonthFigures(month=date(2026, 1, 1), charged_minor=-500, paid_minor=0)])
    assert chart is not None
    assert (chart.bars, chart.largest_minor) == ([], 0)


@pytest.mark.parametrize("figure", ["balance-due", "past-due", "credits", "account-balance"])
def test_a_figure_of_today_is_explained_in_words_with_its_sum(ana, backend, figure):
    rows = [a_figure_row(), a_figure_row(kind="payment", source_id="p1", amount_minor=-1250, due_on=None)]
    backend.answers(ExplainFigure, a_figure(*rows))
    page = ana.get(f"/why/{figure}").text
    assert backend.asked(ExplainFigure)[-1].figure == figure.replace("-", "_")
    assert "$84.50" in page
    assert "−$12.50" in page
    assert page.count("$72.00") >= 2
    assert 'href="/receipts/p1"' in page
    assert faults_of(page) == []


def test_a_month_is_asked_for_by_its_first_day(ana, backend):
    backend.answers(ExplainFigure, lambda command: a_figure(a_figure_row(), month=command.month))
    page = ana.get("/why/paid/2026-03").text
    assert backend.asked(ExplainFigure)[-1].month == date(2026, 3, 1)
    assert "March 2026" in page


@pytest.mark.parametrize(
    "path", ["/why/me", "/why/paid", "/why/credits/2026-03", "/why/paid/2026-13", "/why/paid/20263", "/why/paid/x"]
)
def test_what_is_no_figure_is_no_page(ana, path):
    assert ana.get(path).status_code == 404


def test_rows_that_are_not_listed_are_counted_in_the_sum(ana, backend):
    view = a_figure(a_figure_row(), total_minor=98450, unlisted=30, unlisted_minor=90000)
    backend.answers(ExplainFigure, view)
    page = ana.get("/why/balance-due").text
    assert "30 more" in page
    assert "$900.00" in page
    assert "$984.50" in page


def test_a_figure_without_rows_says_so(ana, backend):
    backend.answers(ExplainFigure, a_figure())
    assert "there is nothing to pay" in ana.get("/why/balance-due").text
