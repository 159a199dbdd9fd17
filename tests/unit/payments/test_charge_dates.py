"""On which day and at which instant auto-pay charges, tells and tries again."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain import charge_dates
from services.payments.domain.charge_dates import ChargeRules

days = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 12, 31))
zones = st.sampled_from(
    [ZoneInfo(name) for name in ("America/New_York", "America/St_Johns", "Europe/Berlin", "Asia/Kathmandu",
                                 "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC")]
)  # fmt: skip


def rules(zone: str = "America/New_York", *, when: charge_dates.ChargedWhen = "due", at: time = time(9)) -> ChargeRules:
    return ChargeRules(charged_when=when, time_of_day=at, time_zone=ZoneInfo(zone))


@given(due_on=days, sent_on=days)
def test_an_invoice_is_charged_when_due_but_never_sooner_than_three_days_after_it_was_sent(due_on, sent_on):
    charge_on = rules().charge_on(due_on=due_on, sent_on=sent_on)

    assert charge_on == max(due_on, sent_on + timedelta(days=3))


def test_due_on_receipt_is_charged_three_days_after_it_was_sent():
    assert rules().charge_on(due_on=date(2026, 2, 27), sent_on=date(2026, 2, 27)) == date(2026, 3, 2)
    assert rules().charge_on(due_on=date(2028, 2, 27), sent_on=date(2028, 2, 27)) == date(2028, 3, 1)


def test_the_owner_can_have_invoices_charged_when_sent_and_their_e_mail_is_the_notice():
    when_sent = rules(when="sent")

    assert when_sent.charge_on(due_on=date(2026, 4, 30), sent_on=date(2026, 4, 1)) == date(2026, 4, 1)
    assert when_sent.notice_at(date(2026, 4, 1)) is None


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2026, 3, 7), datetime(2026, 3, 7, 14, tzinfo=UTC)),
        (date(2026, 3, 8), datetime(2026, 3, 8, 13, tzinfo=UTC)),
        (date(2026, 10, 31), datetime(2026, 10, 31, 13, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 1, 14, tzinfo=UTC)),
    ],
)
def test_nine_in_the_morning_is_nine_on_the_wall_whatever_the_clocks_did_that_night(day, instant):
    assert rules().instant(day) == instant


def test_an_hour_that_a_spring_night_leaves_out_is_the_one_after_it():
    assert rules(at=time(2, 30)).instant(date(2026, 3, 8)) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


@given(day=days, zone=zones, hour=st.integers(4, 23))
def test_a_day_and_its_instant_are_one_whatever_the_zone(day, zone, hour):
    own = ChargeRules(charged_when="due", time_of_day=time(hour), time_zone=zone)

    assert own.date_of(own.instant(day)) == day
    assert own.instant(day).astimezone(zone).time() == time(hour)


@given(due_on=days, sent_on=days, zone=zones)
def test_the_notice_comes_three_days_before_on_the_wall_and_never_before_the_invoice(due_on, sent_on, zone):
    own = ChargeRules(charged_when="due", time_of_day=time(9), time_zone=zone)
    charge_on = own.charge_on(due_on=due_on, sent_on=sent_on)
    notice_at = own.notice_at(charge_on)

    assert notice_at is not None
    assert own.date_of(notice_at) == charge_on - timedelta(days=3)
    assert own.date_of(notice_at) >= sent_on


@pytest.mark.parametrize(("today", "expected"), [(0, 3), (3, 7), (5, 7), (7, 14), (13, 14), (14, None), (40, None)])
def test_soft_declines_are_tried_again_on_days_3_7_and_14_and_none_is_made_up_for(today, expected):
    first = date(2028, 2, 26)

    found = charge_dates.retry_on(first_tried_on=first, today=first + timedelta(days=today))

    assert found == (None if expected is None else first + timedelta(days=expected))


@pytest.mark.parametrize(
    ("year", "month", "last"),
    [(2028, 2, date(2028, 2, 29)), (2027, 2, date(2027, 2, 28)), (2026, 12, date(2026, 12, 31))],
)
def test_a_card_can_be_charged_until_the_last_day_of_its_month(year, month, last):
    assert charge_dates.last_day_of_card(year, month) == last
    assert charge_dates.card_notice_on(year, month) == last - timedelta(days=30)


def test_a_charge_can_be_moved_from_tomorrow_to_a_month_after_it_is_due():
    today, due_on = date(2026, 4, 10), date(2026, 4, 20)
    may = [day for day in (today + timedelta(days=n) for n in range(-5, 60))
           if charge_dates.can_move_to(day, due_on=due_on, today=today)]  # fmt: skip

    assert (may[0], may[-1], len(may)) == (date(2026, 4, 11), date(2026, 5, 21), 41)
