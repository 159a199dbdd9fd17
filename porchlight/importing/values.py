"""Cells of a spreadsheet as dates and amounts. Raises ValueError with a sentence for the error file."""

from datetime import date, datetime, time
from decimal import Decimal

from babel.numbers import (
    NumberFormatError,
    format_decimal,
    get_currency_precision,
    get_currency_symbol,
    parse_decimal,
)

LARGEST_AMOUNT = Decimal(10) ** 10
"""Above this an amount is taken for a mistake."""

EARLIEST_YEAR, LATEST_YEAR = 1970, 2200


def read_date(text: str, *, date_format: str, field: str) -> date:
    """A date written as `date_format` says (strptime's signs, as `%m/%d/%Y`)."""
    try:
        day = datetime.strptime(text, date_format).date()  # noqa: DTZ007 - a date has no time zone
    except ValueError as error:
        raise ValueError(
            f"{field} {text!r} is not a date written as {date_format} (--date-format says how dates are written)"
        ) from error
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValueError(f"{field} {text!r} is not between {EARLIEST_YEAR} and {LATEST_YEAR}")
    return day


def read_time(text: str, *, time_format: str, field: str) -> time:
    """A time of day written as `time_format` says (strptime's signs, as `%I:%M %p`)."""
    try:
        return datetime.strptime(text, time_format).time()  # noqa: DTZ007 - the business's wall has the zone
    except ValueError as error:
        raise ValueError(
            f"{field} {text!r} is not a time written as {time_format} (--time-format says how times are written)"
        ) from error


def read_amount_minor(text: str, *, currency: str, locale: str, field: str) -> int:
    """An amount above zero, in minor units. `$1,234.50` and `1234.5` are the same; nothing is ever rounded."""
    symbol = get_currency_symbol(currency, locale)
    bare = text.replace(symbol, "").replace(currency, "").strip()
    try:
        amount = parse_decimal(bare, locale=locale, strict=True)
    except NumberFormatError as error:
        sample = format_decimal(Decimal("1234.50"), format="#,##0.00", locale=locale)
        raise ValueError(
            f"{field} {text!r} is not an amount as {locale} writes it, such as {sample} (PORCHLIGHT_LOCALE)"
        ) from error
    if not amount.is_finite():
        raise ValueError(f"{field} {text!r} is not an amount")
    if amount <= 0:
        raise ValueError(f"{field} {text!r} must be above zero")
    if amount >= LARGEST_AMOUNT:
        raise ValueError(f"{field} {text!r} is too large to be right")
    minor = amount.scaleb(get_currency_precision(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{field} {text!r} has a fraction that {currency} does not have")
    return int(minor)
