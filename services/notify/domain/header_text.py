"""Text for the header of an e-mail: one line, no matter what was in it."""

import unicodedata

LONGEST = 250


def one_line(text: str) -> str:
    """Return `text` without anything that could end a header line or hide in one, at most 250 characters."""
    visible = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text)
    line = " ".join(visible.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"
