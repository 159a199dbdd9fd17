"""Telephone numbers: from what people write to E.164 and back, and where a number is at home."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult, timezone

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NOWHERE = "Etc/Unknown"


def check_region(value: str) -> None:
    """Raise ValueError unless `value` is a country such as US."""
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("not a country's two letters such as US")


def e164(text: str | None, region: str) -> str | None:
    """The number that `text` means in `region`, such as +14155550123; None where it is none that a text could reach.

    Only its length is judged, not whether anybody has it: new ranges are given out faster than tables learn of them. A
    number with an extension is a switchboard's.
    """
    if not text:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    if number.extension or phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return written if _E164.fullmatch(written) else None


def shown(number: str, region: str) -> str:
    """An E.164 number as people of `region` write it: without the country within their own."""
    parsed = phonenumbers.parse(number)
    is_at_home = phonenumbers.region_code_for_number(parsed) == region or (
        parsed.country_code == phonenumbers.country_code_for_region(region)
    )
    style = PhoneNumberFormat.NATIONAL if is_at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def time_zones(number: str) -> tuple[str, ...]:
    """The time zones in which an E.164 number may be, none where nobody can tell."""
    zones = timezone.time_zones_for_number(phonenumbers.parse(number))
    return tuple(zone for zone in zones if zone != _NOWHERE)
