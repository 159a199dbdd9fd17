"""Money and dates as the business's locale writes them, in HTML."""

from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.numbers import format_currency, get_currency_precision
from markupsafe import Markup, escape

from chassis.postal import envelope_lines

TRUE_MINUS = "−"
_KEPT = 4096
_FAR_AWAY_DAYS = 60


class Formats:
    """Formats for one locale and time zone. Answers are kept: pages repeat amounts and dates."""

    def __init__(self, locale: str, time_zone: str) -> None:
        self._locale = Locale.parse(locale)
        self._zone = ZoneInfo(time_zone)
        self.money = lru_cache(_KEPT)(self._money)
        self.signed_money = lru_cache(_KEPT)(self._signed_money)
        self.day = lru_cache(_KEPT)(self._day)
        self.weekday = lru_cache(_KEPT)(self._weekday)
        self._hours = "hm" if "a" in self._locale.time_formats["short"].pattern else "Hm"

    def _money(self, amount_minor: int, currency: str) -> str:
        """`amount_minor` in minor units with its currency sign; below zero with a true minus."""
        amount = Decimal(amount_minor).scaleb(-get_currency_precision(currency))
        return str(format_currency(amount, currency, locale=self._locale)).replace("-", TRUE_MINUS)

    def _signed_money(self, amount_minor: int, currency: str) -> str:
        """Like `money`, with a plus where the amount raises what is owed."""
        return ("+" if amount_minor > 0 else "") + self._money(amount_minor, currency)

    def _day(self, day: date) -> Markup:
        """A `<time>` element with the day as the locale writes it."""
        return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), self.written_day(day))

    def written_day(self, day: date) -> str:
        """A day as the locale writes it, as plain text."""
        return str(format_date(day, "medium", locale=self._locale))

    def written_month(self, day: date) -> str:
        """The month of a day as the locale names it, with its year."""
        return str(format_skeleton("yMMMM", day, locale=self._locale))

    def short_month(self, day: date) -> str:
        """The month of a day in a few letters."""
        return str(format_date(day, "LLL", locale=self._locale))

    def written_moment(self, at: datetime) -> str:
        """An instant in the business's time zone, as plain text."""
        return self._written(at.astimezone(self._zone))

    def _weekday(self, day: date) -> Markup:
        """The same with the day of the week, where somebody comes to the house."""
        written = format_skeleton("yMMMEd", day, locale=self._locale)
        return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), written)

    def window(self, start: time, end: time) -> str:
        """An arrival window as the locale writes it: 8:00 – 10:00 AM, or 08:00 – 10:00."""
        return str(format_interval(start, end, self._hours, locale=self._locale))

    def moment(self, at: datetime) -> Markup:
        """A `<time>` element with an instant, in the business's time zone."""
        return self.moment_in(at, self._zone.key)

    def moment_in(self, at: datetime, zone: str) -> Markup:
        """A `<time>` element with an instant as the clocks of another IANA time zone show it."""
        local = at.astimezone(ZoneInfo(zone))
        return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), self._written(local))

    def _written(self, local: datetime) -> str:
        return f"{format_date(local, 'medium', locale=self._locale)}, {self._clock(local)}"

    def _clock(self, local: datetime) -> str:
        return str(format_time(local, "short", locale=self._locale))


def due_words(due_on: date, as_of: date) -> str:
    """How far a due date is from today: "due in 3 days". Empty where it is too far to be worth a word."""
    days = (due_on - as_of).days
    if abs(days) > _FAR_AWAY_DAYS:
        return ""
    match days:
        case 0:
            return "due today"
        case 1:
            return "due tomorrow"
        case -1:
            return "1 day late"
        case _ if days > 0:
            return f"due in {days} days"
        case _:
            return f"{-days} days late"


def in_days(day: date, as_of: date) -> str:
    """How far a day is from today: "today", "tomorrow", "in 3 days"; for one that has gone by, "today" too."""
    days = (day - as_of).days
    return "today" if days <= 0 else "tomorrow" if days == 1 else f"in {days} days"


def waiting_words(seconds: int) -> str:
    """A wait in words a person uses: "45 seconds", "5 minutes", "2 hours", always rounded up."""
    if seconds < 60:
        return _counted(max(seconds, 1), "second")
    minutes = -(-seconds // 60)
    return _counted(minutes, "minute") if minutes < 120 else _counted(-(-minutes // 60), "hour")


def phone_link(number: str) -> str:
    """Where a telephone number leads when it is tapped (RFC 3966): its digits alone, and a plus that begins it."""
    digits = "".join(character for character in number if character in "0123456789")
    return f"tel:{'+' if number.strip().startswith('+') else ''}{digits}"


def lines_of(text: str) -> Markup:
    """An address of one line, "14 Elm St, Springfield, IL 62704", as the lines of an envelope."""
    return Markup("<br>").join(escape(line) for line in envelope_lines(text))


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == 1 else "s")
