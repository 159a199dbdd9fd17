"""Which days a statement is about."""

from datetime import date, timedelta

from contracts.balance import StatementPeriod

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)


class NoSuchPeriod(ValueError):
    """The days make no period. `field` is the one to mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def days_of(
    period: StatementPeriod, *, today: date, starts_on: date | None, ends_on: date | None
) -> tuple[date | None, date]:
    """The first and the last day; of `all` the first is None. What has begun ends today. Raises `NoSuchPeriod`."""
    match period:
        case "this_month":
            return today.replace(day=1), today
        case "last_month":
            end = today.replace(day=1) - timedelta(days=1)
            return end.replace(day=1), end
        case "this_year":
            return date(today.year, 1, 1), today
        case "last_year":
            return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
        case "all":
            return None, today
        case "custom":
            return _checked(starts_on, ends_on)


def _checked(starts_on: date | None, ends_on: date | None) -> tuple[date, date]:
    if starts_on is None:
        raise NoSuchPeriod("starts_on", "Enter the first day.")
    if ends_on is None:
        raise NoSuchPeriod("ends_on", "Enter the last day.")
    for field, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if not FIRST_DAY <= day <= LAST_DAY:
            raise NoSuchPeriod(field, "Choose a day between 1970 and 2199.")
    if ends_on < starts_on:
        raise NoSuchPeriod("ends_on", "The last day comes before the first one.")
    return starts_on, ends_on
