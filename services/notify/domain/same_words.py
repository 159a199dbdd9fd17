"""Whether two texts say the same: providers put plain signs in place of fine ones and trim what is blank."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def are_same(one: str, other: str) -> bool:
    """Compare letters and digits alone."""
    return _words(one) == _words(other)


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKD", text).casefold())
