"""Money, dates and times as the business's locale writes them."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.numbers import format_currency, format_decimal, get_currency_precision


@dataclass(frozen=True, kw_only=True)
class Formats:
    """How one business writes; `locale` is one that Babel knows, such as en_US."""

    locale: str
    time_zone: ZoneInfo

    def money(self, amount_minor: int, currency: str) -> str:
        """An amount in minor units with its currency: 8450 USD is $84.50 in en_US, 8450 JPY is ¥8,450."""
        digits = get_currency_precision(currency)
        return format_currency(Decimal(amount_minor).scaleb(-digits), currency, locale=self.locale)

    def number(self, decimal_text: str) -> str:
        """A quantity, which travels as text."""
        return format_decimal(Decimal(decimal_text), locale=self.locale)

    def day(self, day: date) -> str:
        """A date with its month as a word: there is no taking July for the seventh day."""
        return format_date(day, format="long", locale=self.locale)

    def weekday(self, day: date) -> str:
        """A date with its day of the week, where somebody is to be at home."""
        return format_date(day, format="full", locale=self.locale)

    def time_of_day(self, at: time) -> str:
        """A time on the business's wall, to the minute."""
        return format_time(at, "short", locale=self.locale)

    def month(self, day: date) -> str:
        """The month of a date, with its year."""
        return format_skeleton("yMMMM", day, locale=self.locale)

    def moment(self, instant: datetime) -> str:
        """An instant on the business's wall clock: date, time to the minute, zone."""
        local = instant.astimezone(self.time_zone)
        time = format_time(local, "short", tzinfo=self.time_zone, locale=self.locale)
        zone = get_timezone_name(local, width="short", locale=self.locale)
        return f"{self.day(local.date())}, {time} {zone}"
