"""The business's own invitation: a text file with a few marks, read into paragraphs and lists.

Nothing in it is carried out: a mark is looked up among the known ones and replaced by text, and that is all there is.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

MARKS = {
    "INSERT YOUR WEBSITE URL HERE": "website",
    "INSERT YOUR PORTAL URL HERE": "portal",
    "INSERT YOUR BUSINESS INFO HERE": "business_info",
    "BUSINESS NAME": "business_name",
    "CUSTOMER NAME": "customer_name",
    "PASSWORD LINK": "password_link",
}
MOST_CHARACTERS = 20_000
_MARK = re.compile(r"<<(.*?)>>")
_POINT = re.compile(r"(\s*)[•*-]\s+(.*)")
_SET_IN = 2


class BrokenText(ValueError):
    """The file cannot be used; the message says what is wrong with it and in which line."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of a line: words as they are, or a mark by its name in `MARKS`."""

    kind: Literal["words", "mark"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Point:
    """A point of a list, and those below it."""

    pieces: list[Piece]
    below: list["Point"] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph, line by line, or a list."""

    lines: list[list[Piece]] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class InvitationText:
    """The file, read. `subject` is empty where it names none; `lines` are the body as it stands, for plain text."""

    subject: list[Piece]
    blocks: list[Block]
    lines: list[list[Piece]]

    @property
    def has_link(self) -> bool:
        """Whether the customer's own link has a place in it."""
        return any(piece.kind == "mark" and piece.text == "password_link" for line in self.lines for piece in line)


def read(text: str) -> InvitationText:
    """Read the file's text. Raises BrokenText."""
    if len(text) > MOST_CHARACTERS:
        raise BrokenText(f"it has more than {MOST_CHARACTERS} characters")
    subject: list[Piece] = []
    body: list[tuple[str, list[Piece]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            continue
        if not body and not subject and line.lower().startswith("subject:"):
            subject = _subject(line.partition(":")[2].strip(), number)
        elif body or line.strip():
            body.append((line.rstrip(), _pieces(line.strip(), number)))
    while body and not body[-1][0]:
        body.pop()
    if not body:
        raise BrokenText("there is no text in it")
    return InvitationText(subject=subject, blocks=_blocks(body), lines=[_indented(*line) for line in body])


def _subject(line: str, number: int) -> list[Piece]:
    pieces = _pieces(line, number)
    if any(piece.kind == "mark" and not piece.text.endswith("_name") for piece in pieces):
        raise BrokenText(f"line {number}: the subject may hold <<BUSINESS NAME>> and <<CUSTOMER NAME>> only")
    return pieces


def _pieces(line: str, number: int) -> list[Piece]:
    for character in line:
        if unicodedata.category(character) in ("Cc", "Cs") and character != "\t":
            raise BrokenText(f"line {number}: it contains the control character U+{ord(character):04X}")
    pieces = []
    for place, part in enumerate(_MARK.split(line)):
        if place % 2:
            pieces.append(Piece(kind="mark", text=_known(part, number)))
        elif "<<" in part:
            raise BrokenText(f"line {number}: a mark begins with << and does not end with >> in the same line")
        elif part:
            pieces.append(Piece(kind="words", text=part))
    return pieces


def _known(mark: str, number: int) -> str:
    name = " ".join(mark.split()).upper()
    if name not in MARKS:
        known = ", ".join(f"<<{each}>>" for each in MARKS)
        raise BrokenText(f"line {number}: there is no mark <<{mark}>>; the marks are {known}")
    return MARKS[name]


def _blocks(body: list[tuple[str, list[Piece]]]) -> list[Block]:
    blocks: list[Block] = []
    is_open = False
    for line, pieces in body:
        if not line:
            is_open = False
            continue
        point = _POINT.fullmatch(line)
        if not is_open or bool(blocks[-1].points) != bool(point):
            # Lists whose points are set apart by empty lines are one list all the same.
            if not (point and blocks and blocks[-1].points):
                blocks.append(Block())
            is_open = True
        if point:
            _add_point(blocks[-1].points, _without_sign(pieces), is_below=len(point[1].expandtabs(4)) >= _SET_IN)
        else:
            blocks[-1].lines.append(pieces)
    return blocks


def _add_point(points: list[Point], pieces: list[Piece], *, is_below: bool) -> None:
    (points[-1].below if is_below and points else points).append(Point(pieces=pieces))


def _without_sign(pieces: list[Piece]) -> list[Piece]:
    first = Piece(kind="words", text=pieces[0].text[1:].lstrip())
    return [first, *pieces[1:]] if first.text else pieces[1:]


def _indented(line: str, pieces: list[Piece]) -> list[Piece]:
    blank = line[: len(line) - len(line.lstrip())]
    return [Piece(kind="words", text=blank), *pieces] if blank else pieces
