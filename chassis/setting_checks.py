"""What the text of a setting can be checked for: each raises ValueError with a reason, for `Env(check=…)`."""

import re
import zoneinfo
from urllib.parse import urlsplit


def known_time_zone(value: str) -> None:
    """Raise ValueError unless `value` is an IANA time zone that this machine knows."""
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("not a time zone such as America/Chicago") from None


def currency_code(value: str) -> None:
    """Raise ValueError unless `value` looks like an ISO 4217 code."""
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError("not a currency code such as USD")


def locale_name(value: str) -> None:
    """Raise ValueError unless Babel knows how `value` writes money and dates."""
    # Loaded here only: most services write neither for people.
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(value)
    except (UnknownLocaleError, ValueError):
        raise ValueError("not a locale such as en_US") from None


def web_address(value: str) -> None:
    """Raise ValueError unless `value` is an http(s) URL."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not a web address such as https://www.example.com")
