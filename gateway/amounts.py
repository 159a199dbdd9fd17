"""Amounts that customers type, as the business's locale writes them. Nothing is ever rounded."""

from decimal import Decimal

from babel.numbers import NumberFormatError, get_currency_precision, get_currency_symbol, parse_decimal
from flask import current_app

from gateway.formats import Formats
from gateway.settings import GatewaySettings

LARGEST_MINOR = 99_999_999
"""What a card can be charged at once."""

_LONGEST = 40
_MINUSES = "-−–"


class NotAnAmount(ValueError):
    """What was typed is no amount that can be charged; the sentence stands beside its field."""


def typed_amount_minor(text: str) -> int:
    """The amount in minor units of the business's currency, above zero. Raises NotAnAmount.

    `$1,234.50`, `1234.5` and `1 234.50 USD` may all be typed.
    """
    settings: GatewaySettings = current_app.extensions["porchlight.settings"]
    currency, locale = settings.currency, settings.locale
    bare = text.replace(get_currency_symbol(currency, locale), "").replace(currency, "").strip()
    if bare[:1] in _MINUSES and bare:
        raise NotAnAmount("Enter an amount above zero.")
    amount = _parsed(bare, locale)
    minor = None if amount is None else amount.scaleb(get_currency_precision(currency))
    if minor is None or minor != minor.to_integral_value():
        sample = Formats(locale, settings.time_zone).money(15000, currency)
        raise NotAnAmount(f"Enter an amount such as {sample}.")
    if minor <= 0:
        raise NotAnAmount("Enter an amount above zero.")
    if minor > LARGEST_MINOR:
        most = Formats(locale, settings.time_zone).money(LARGEST_MINOR, currency)
        raise NotAnAmount(f"A card can be charged {most} at most.")
    return int(minor)


def _parsed(bare: str, locale: str) -> Decimal | None:
    # Digits and their separators alone: "1e999999" is a number too, and a very long one.
    if len(bare) > _LONGEST or not all(sign.isdecimal() or sign in ".,'’ \u00a0\u202f" for sign in bare):
        return None
    try:
        return parse_decimal(bare, locale=locale, strict=True)
    except NumberFormatError:
        return None
