"""Bounds on everything that comes from outside, and the refusals of what lies beyond them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from contracts import codes
from contracts.billing import InvoiceLine
from contracts.wire import Refused

LARGEST_AMOUNT_MINOR = 100_000_000_000
"""A thousand million in a currency of cents: more is a slip of the keyboard."""

MOST_ROWS = 500
"""Rows in one bulk command."""

MOST_LINES = 200
LONGEST_NUMBER = 64
LONGEST_TEXT = 2_000
LONGEST_DESCRIPTION = 500
LONGEST_ID = 36
EARLIEST = date(1970, 1, 1)
LATEST = date(2199, 12, 31)


def check_amount(amount_minor: int, field: str) -> None:
    """Refuse an amount that is not above zero, or absurd."""
    if amount_minor <= 0:
        raise Refused(codes.INVALID, "The amount must be above zero.", field=field)
    check_magnitude(amount_minor, field)


def check_magnitude(amount_minor: int, field: str) -> None:
    """Refuse an amount of absurd size, whatever its sign."""
    if abs(amount_minor) > LARGEST_AMOUNT_MINOR:
        raise Refused(codes.INVALID, "The amount is larger than any that can be handled.", field=field)


def check_currency(currency: str, expected: str) -> None:
    """Refuse another currency than the deployment's one."""
    if currency != expected:
        raise Refused(codes.INVALID, f"Amounts are in {expected} here.", field="currency")


def check_text(text: str, field: str, *, longest: int = LONGEST_TEXT) -> None:
    """Refuse text that is too long, or holds control characters other than line breaks and tabs."""
    if len(text) > longest:
        raise Refused(codes.INVALID, f"The text is longer than {longest} characters.", field=field)
    if any(character < " " and character not in "\n\r\t" for character in text):
        raise Refused(codes.INVALID, "The text holds control characters.", field=field)


def check_id(value: str, field: str) -> None:
    """Refuse what cannot be an id."""
    if not is_id(value):
        raise Refused(codes.INVALID, "This is not an id.", field=field)


def is_id(value: str) -> bool:
    """Whether it can be an id: 1 to 36 printable characters."""
    return 0 < len(value) <= LONGEST_ID and value.isprintable()


def check_number(number: str) -> None:
    """Refuse what cannot be an invoice number: 1 to 64 printable characters without blanks around them."""
    if not number or len(number) > LONGEST_NUMBER or number != number.strip() or not number.isprintable():
        raise Refused(
            codes.INVALID, f"An invoice number has 1 to {LONGEST_NUMBER} printable characters.", field="number"
        )


def check_dates(*, issued_on: date, due_on: date) -> None:
    """Refuse dates of another age, and a due date before the issue date."""
    for field, day in (("issued_on", issued_on), ("due_on", due_on)):
        if not EARLIEST <= day <= LATEST:
            raise Refused(codes.INVALID, f"The date {day} is out of range.", field=field)
    if due_on < issued_on:
        raise Refused(codes.INVALID, "The due date is before the issue date.", field="due_on")


def check_lines(lines: Sequence[InvoiceLine]) -> int:
    """Return the sum of the lines in minor units; refuse none, too many, or a sum that is not above zero.

    Single lines may be negative: a discount is one.
    """
    if not 0 < len(lines) <= MOST_LINES:
        raise Refused(codes.INVALID, f"An invoice has 1 to {MOST_LINES} lines.", field="lines")
    for line in lines:
        check_text(line.description, "lines", longest=LONGEST_DESCRIPTION)
        check_magnitude(line.amount_minor, "lines")
        check_magnitude(line.unit_price_minor, "lines")
        _check_quantity(line.quantity)
    total_minor = sum(line.amount_minor for line in lines)
    check_amount(total_minor, "lines")
    return total_minor


def check_row_count(rows: Sequence[object], field: str) -> None:
    """Refuse a bulk command that is too long for one transaction."""
    if len(rows) > MOST_ROWS:
        raise Refused(codes.INVALID, f"At most {MOST_ROWS} at once.", field=field)


def _check_quantity(quantity: str) -> None:
    try:
        finite = len(quantity) <= 20 and Decimal(quantity).is_finite()
    except InvalidOperation:
        finite = False
    if not finite:
        raise Refused(codes.INVALID, "A quantity is a decimal number such as 1.5.", field="lines")
