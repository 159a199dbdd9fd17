"""The papers' typeface, and what to do with signs that it has not.

FiraGO (SIL Open Font License) writes Latin, Greek, Cyrillic, Hebrew, Arabic, Devanagari, Thai and Georgian. It comes
with a package, so that a paper looks the same on a bare machine as on a desktop. What it cannot write, Chinese or
emoji, is written in Latin letters: a paper never shows an empty box.
"""

import atexit
import tempfile
import unicodedata
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from anyascii import anyascii

FACES = {"FiraGO-Regular.ttf": "figo", "FiraGO-Bold.ttf": "figbo"}
_LAST_LATIN = "\u024f"
_NOTHING = frozenset({"Cc", "Cs", "Co", "Cn"})
"""Controls, halves of pairs, private and unassigned: they stand for nothing that can be drawn."""

_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc", "Zs", "Zl", "Zp"})
"""Marks and controls: the shaping needs them, or nothing is drawn for them."""


@cache
def folder() -> Path:
    """A folder with the typeface's files, made once a process and gone at its end."""
    kept = tempfile.TemporaryDirectory(prefix="porchlight-fonts-")
    atexit.register(kept.cleanup)
    for name, key in FACES.items():
        (Path(kept.name) / name).write_bytes(_file(key))
    return Path(kept.name)


def drawable(text: str) -> str:
    """`text` with every sign that the typeface has not in Latin letters, and without control characters."""
    text = "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in _NOTHING)
    if all(sign <= _LAST_LATIN for sign in text):
        return text
    return "".join(sign if _is_drawn(sign) else _in_latin(sign) for sign in unicodedata.normalize("NFC", text)).strip()


def drawable_throughout(data: Any) -> Any:
    """The same data with every text in it drawable."""
    match data:
        case str():
            return drawable(data)
        case dict():
            return {key: drawable_throughout(value) for key, value in data.items()}
        case list() | tuple():
            return [drawable_throughout(each) for each in data]
        case _:
            return data


def _is_drawn(sign: str) -> bool:
    return sign <= _LAST_LATIN or ord(sign) in _signs() or unicodedata.category(sign) in _INVISIBLE


def _in_latin(sign: str) -> str:
    latin = anyascii(sign)
    # Syllables of Chinese begin with a capital: that is what keeps them apart.
    return latin or "?"


@cache
def _signs() -> frozenset[int]:
    """The code points that both faces can draw. Read at the first text that is not Latin."""
    from fontTools.ttLib import TTFont

    of_faces = [set(TTFont(BytesIO(_file(key)), lazy=True).getBestCmap()) for key in FACES.values()]
    return frozenset(set.intersection(*of_faces))


def _file(key: str) -> bytes:
    # Imported here: it unpacks a megabyte, once.
    from pymupdf_fonts import fontbuffers

    unpack: Any = fontbuffers[key]
    return bytes(unpack())
