"""The business's colour in e-mails: readable on it, and readable as text on white (WCAG 2.2, 1.4.3)."""

import re

READABLE = 4.5
WHITE = "#ffffff"
DARK = "#1c1f23"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def check(colour: str) -> None:
    """Raise ValueError unless `colour` is #rrggbb."""
    if not _HEX.fullmatch(colour):
        raise ValueError("not a colour such as #1f5f8b")


def text_on(colour: str) -> str:
    """White or dark, whichever can be read better on `colour`."""
    return max((WHITE, DARK), key=lambda text: contrast(text, colour))


def as_text(colour: str) -> str:
    """The colour for words on white, dark where the colour itself would be too pale to read."""
    return colour if contrast(colour, WHITE) >= READABLE else DARK


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
