"""The statement: the ledger for any history and any days, whole or in pages, in whatever order it was heard."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.wire import Refused
from services.billing.balance.domain.aging import aged
from tests.support import balance as build
from tests.support.receivable_history import FIRST_DAY, LAST_DAY_NUMBER, histories

TODAY = date(2026, 3, 20)
DAYS = st.integers(-10, LAST_DAY_NUMBER).map(lambda number: FIRST_DAY + timedelta(days=number))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), days=st.tuples(DAYS, DAYS), page=st.integers(1, 7), order=st.integers(0, 1000))
def test_a_statement_of_any_days_is_what_happened_on_them(new_ledger, history, days, page, order):
    starts_on, ends_on = sorted(days)
    ledger = new_ledger()
    facts = [build.fact(event) for event in history.events]
    random.Random(order).shuffle(facts)
    ledger.hears_facts(facts)
    whole = ledger.statement(starts_on=starts_on, ends_on=ends_on, limit=10_000)
    expected = [line for line in history.lines if starts_on <= line[0] <= ends_on]
    before = history.balance_on(starts_on - timedelta(days=1))

    assert whole.opening_minor == before
    assert whole.closing_minor == history.balance_on(ends_on) == whole.balance_due_minor - whole.credits_minor
    assert whole.opening_minor + whole.charged_minor - whole.paid_minor == whole.closing_minor
    assert [(row.effective_on, row.kind, row.source_id, row.amount_minor) for row in whole.rows] == expected
    assert [row.running_balance_minor for row in whole.rows] == [
        before + sum(amount for *_, amount in expected[: number + 1]) for number in range(len(expected))
    ]
    assert whole.total_rows == len(expected)
    open_items = history.open_on(ends_on)
    assert whole.balance_due_minor == sum(open_items.values())
    assert whole.aging == aged([(history.due[each], left) for each, left in open_items.items()], as_of=ends_on)

    joined, applications, cursor = [], [], None
    while True:
        part = ledger.statement(starts_on=starts_on, ends_on=ends_on, limit=page, cursor=cursor)
        joined += part.rows
        applications += part.applications
        cursor = part.next_cursor
        if cursor is None:
            break
    assert joined == whole.rows
    assert applications == whole.applications


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), ends_on=DAYS)
def test_where_the_money_went_adds_up_to_the_credits(new_ledger, history, ends_on):
    ledger = new_ledger()
    ledger.hears(*history.events)
    whole = ledger.statement(starts_on=date(1970, 1, 1), ends_on=max(ends_on, FIRST_DAY), limit=10_000)
    assert sum(each.left_minor for each in whole.applications) == whole.credits_minor
    source_of = {row.event_id: row.source_id for row in whole.rows}
    shown = sorted(
        (source_of[each.event_id], part.invoice_id, part.amount_minor)
        for each in whole.applications
        for part in each.parts
    )
    assert shown == sorted(put[1:] for put in history.put if put[0] <= max(ends_on, FIRST_DAY))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories())
def test_the_rows_behind_every_figure_add_up_to_it(new_ledger, history):
    ledger = new_ledger()
    ledger.hears(*history.events)
    today = FIRST_DAY + timedelta(days=LAST_DAY_NUMBER * 3)
    account = ledger.account(today=today, months=36)
    expected = {
        "balance_due": account.balance_due_minor,
        "past_due": account.past_due_minor,
        "credits": account.credits_minor,
        "account_balance": account.account_balance_minor,
    }
    for figure, total in expected.items():
        view = ledger.explain(figure, today=today)
        assert (figure, view.total_minor, sum(row.amount_minor for row in view.rows)) == (figure, total, total)
    for month in ledger.account(today=FIRST_DAY + timedelta(days=LAST_DAY_NUMBER), months=27).months:
        for figure in ("charged", "paid", "credited"):
            view = ledger.explain(figure, month=month.month + timedelta(days=9), today=today)
            assert sum(row.amount_minor for row in view.rows) == getattr(month, f"{figure}_minor")


def test_months_are_all_there_oldest_first_and_know_voids_from_payments(ledger):
    ledger.hears(
        build.sent("i1", 5000, sent_on=date(2026, 1, 5)),
        build.sent("i2", 900, sent_on=date(2026, 1, 6)),
        build.voided("i2", 900, voided_on=date(2026, 1, 7)),
        build.paid("p1", 5000, received_on=date(2026, 2, 3)),
        build.credit("c1", 700, granted_on=date(2026, 2, 28)),
    )
    months = ledger.account(months=12).months
    assert [each.month for each in months][::11] == [date(2025, 4, 1), date(2026, 3, 1)]
    assert [(each.charged_minor, each.paid_minor, each.credited_minor) for each in months[-3:]] == [
        (5000, 0, 0),
        (0, 5000, 700),
        (0, 0, 0),
    ]
    assert ledger.account().months == []


@pytest.mark.parametrize(
    ("late_days", "bucket"),
    [(-5, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (4000, 4)],
)
def test_aging_counts_days_after_the_due_date(late_days, bucket):
    aging = aged([(TODAY - timedelta(days=late_days), 99)], as_of=TODAY)
    sums = (
        aging.current_minor,
        aging.days_1_30_minor,
        aging.days_31_60_minor,
        aging.days_61_90_minor,
        aging.over_90_minor,
    )
    assert sums == tuple(99 if place == bucket else 0 for place in range(5))


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("this_month", (date(2026, 3, 1), TODAY)),
        ("last_month", (date(2026, 2, 1), date(2026, 2, 28))),
        ("this_year", (date(2026, 1, 1), TODAY)),
        ("last_year", (date(2025, 1, 1), date(2025, 12, 31))),
        ("all", (date(2024, 5, 6), TODAY)),
    ],
)
def test_periods_follow_the_business_today(ledger, period, days):
    ledger.hears(build.sent("i1", 100, sent_on=date(2024, 5, 6)))
    view = ledger.statement(period=period)
    assert (view.starts_on, view.ends_on) == days


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ((None, date(2026, 1, 1)), "starts_on"),
        ((date(2026, 1, 1), None), "ends_on"),
        ((date(2026, 1, 2), date(2026, 1, 1)), "ends_on"),
        ((date(1, 1, 1), date(2026, 1, 1)), "starts_on"),
        ((date(2026, 1, 1), date(9999, 12, 31)), "ends_on"),
    ],
)
def test_days_that_make_no_period_are_refused_by_field(ledger, days, field):
    with pytest.raises(Refused) as refusal:
        ledger.statement(starts_on=days[0], ends_on=days[1])
    assert (refusal.value.code, refusal.value.details["field"]) == ("invalid", field)


def test_a_customer_without_history_has_a_statement_of_zero(ledger):
    view = ledger.statement(period="all")
    assert (view.opening_minor, view.closing_minor, view.rows, view.starts_on) == (0, 0, [], TODAY)


def test_the_rest_of_a_payment_is_followed_to_the_invoice_it_paid_later(ledger):
    ledger.hears(
        build.sent("i1", 5000),
        build.paid("p1", 7000),
        build.allocated("p1", [build.allocation("i1", 5000)], credit_minor=2000),
        build.credit("k1", 2000, kind="overpayment", source_id="p1"),
        build.sent("i2", 1500, sent_on=date(2026, 3, 12)),
        build.applied("k1", [build.allocation("i2", 1500, effective_on=date(2026, 3, 12))]),
    )
    earlier = ledger.statement(starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 11)).applications
    assert [(part.invoice_number, part.amount_minor) for part in earlier[0].parts] == [("N-i1", 5000)]
    assert earlier[0].left_minor == 2000
    (now,) = ledger.statement(starts_on=date(2026, 3, 1), ends_on=TODAY).applications
    assert [(part.invoice_number, part.amount_minor) for part in now.parts] == [("N-i1", 5000), ("N-i2", 1500)]
    assert now.left_minor == 500


def test_what_a_void_took_off_is_marked_and_comes_back_with_the_void(ledger):
    put = build.allocation("i1", 5000)
    ledger.hears(
        build.sent("i1", 5000),
        build.paid("p1", 5000),
        build.allocated("p1", [put]),
        build.reversed_allocations([put], on=date(2026, 3, 15)),
        build.credit("k1", 5000, kind="voided_invoice", source_id="i1", granted_on=date(2026, 3, 15)),
        build.voided("i1", 5000, voided_on=date(2026, 3, 15)),
    )
    paid, voided = ledger.statement(starts_on=date(2026, 3, 1), ends_on=TODAY).applications
    assert [(part.amount_minor, part.returned) for part in paid.parts] == [(5000, True)]
    assert (paid.left_minor, voided.left_minor) == (0, 5000)
    before = ledger.statement(starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 14)).applications
    assert [part.returned for part in before[0].parts] == [False]


def test_more_rows_than_a_page_shows_are_counted_with_their_sum(ledger):
    ledger.hears(*(build.sent(f"i{number}", 100 + number) for number in range(230)))
    view = ledger.explain("balance_due")
    assert (len(view.rows), view.unlisted) == (200, 30)
    assert sum(row.amount_minor for row in view.rows) + view.unlisted_minor == view.total_minor
    assert view.total_minor == ledger.account().balance_due_minor


@pytest.mark.parametrize("wrong", [{"figure": "charged"}, {"figure": "credits", "month": TODAY}])
def test_a_figure_that_does_not_exist_is_refused(ledger, wrong):
    with pytest.raises(Refused):
        ledger.explain(**wrong)
