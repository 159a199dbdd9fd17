"""Text that people typed or a file brought: cleaned where that is harmless, refused where it is not."""

import unicodedata

_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
# These turn the direction of all text after them, also in somebody else's page or e-mail.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class BadText(ValueError):
    """Not a value that can be kept; the message says why."""


def clean(text: str, *, longest: int, multiline: bool = False) -> str:
    """Return `text` in Unicode's composed form without outer blanks, or raise `BadText`.

    Refused are control characters (a line break only without `multiline`) and more than `longest` characters.
    """
    if multiline:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", text.strip())
    for character in text:
        if character == "\n" and multiline:
            continue
        if unicodedata.category(character) in _REFUSED_CATEGORIES or character in _DIRECTION_CONTROLS:
            raise BadText(f"it contains the control character U+{ord(character):04X}")
    if len(text) > longest:
        raise BadText(f"it has {len(text)} characters, more than {longest}")
    return text
