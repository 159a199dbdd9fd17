"""Postal addresses as one line of settings or import, and as the lines of an envelope."""

import re

_LINE_END = re.compile(r",(?!\s*[A-Z]{2} \d{5}(?:-\d{4})?\s*(?:,|$))")
"""A comma ends a line, but state and ZIP code stay with their town (USPS Publication 28, "last line")."""


def envelope_lines(address: str) -> list[str]:
    """The lines of "14 Elm St, Springfield, IL 62704" on an envelope; none for an empty one."""
    return [line.strip() for line in _LINE_END.split(address) if line.strip()]
