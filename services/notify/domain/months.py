"""Months of the business's calendar, and when one is told."""

from datetime import date, datetime, timedelta

TOLD_FROM_HOUR = 8
"""On the first, by the business's clock: nobody is written to at midnight."""


def month_of(day: date) -> str:
    """The month of a day, written 2026-11."""
    return f"{day:%Y-%m}"


def last_before(day: date) -> tuple[date, date]:
    """The first and the last day of the month before a day's."""
    ends_on = day.replace(day=1) - timedelta(days=1)
    return ends_on.replace(day=1), ends_on


def may_be_told(now: datetime) -> bool:
    """Whether last month's statements may be told at this moment of the business's wall clock."""
    return now.day > 1 or now.hour >= TOLD_FROM_HOUR
