"""A CSV file as rows of named fields, whatever its encoding, delimiter and header names.

A row that cannot be read is a `BadRow`, never an exception that ends the file: the rest is still imported.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from charset_normalizer import from_bytes

MAXIMUM_BYTES = 256 * 1024 * 1024
MAXIMUM_FIELD = 10_000
DELIMITERS = ",;\t|"
ZIP = b"PK\x03\x04"
"""What a workbook (.xlsx, .ods) begins with."""


class CsvReader(Protocol):
    """What csv.reader returns; its type has no public name."""

    line_num: int

    def __next__(self) -> list[str]: ...


class UnusableFile(Exception):
    """The file as a whole cannot be imported. The message says what is wrong and what to do."""


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """One record. `line` is the line it starts on, the header being 1; `values` by field name, stripped."""

    line: int
    values: Mapping[str, str]
    cells: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A record that was not imported, and why. `cells` are as they stand in the file."""

    line: int
    problem: str
    cells: Sequence[str]


class Source:
    """An opened file: its header, and its rows under the names that `columns` gives them.

    `columns` maps our field names to the file's headers; a field not named there is looked for under its own
    name. Raises `UnusableFile`.
    """

    def __init__(
        self,
        path: Path,
        *,
        columns: Mapping[str, str],
        required: Sequence[str],
        optional: Sequence[str],
        encoding: str | None = None,
    ) -> None:
        self.path = path
        self._text = _decoded(path, encoding)
        # As csv counts lines: at every kind of line end and nowhere else.
        self._lines = list(io.StringIO(self._text, newline=""))
        self.header = self._read_header()
        self._positions = self._find_columns(columns, required=required, optional=optional)
        self.row_count = max(0, len(self._lines) - 1)
        """How many rows there are at most, for a progress bar: a quoted cell may span lines."""

    def rows(self) -> Iterator[SourceRow | BadRow]:
        """Every record after the header, in order; empty lines are passed over."""
        reader = self._reader()
        next(reader)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._unreadable(line, max(line, reader.line_num), error)
                continue
            if any(cell.strip() for cell in cells):
                yield self._row(line, cells)

    def _unreadable(self, first: int, last: int, error: csv.Error) -> BadRow:
        """The lines that the reader gave up, as they stand: none of them is lost."""
        text = "".join(self._lines[first - 1 : last]).rstrip("\r\n")
        where = f"lines {first} to {last} are" if last > first else "is"
        problem = f"{where} not readable as CSV: {error}"
        if last > first or text.count('"') % 2:
            problem += '; perhaps a quotation mark (") that line ' + f"{first} opens is never closed"
        return BadRow(line=first, problem=problem, cells=[text])

    def _row(self, line: int, cells: list[str]) -> SourceRow | BadRow:
        if len(cells) != len(self.header):
            problem = f"has {len(cells)} columns, the header has {len(self.header)}"
            return BadRow(line=line, problem=problem, cells=cells)
        if any("\0" in cell for cell in cells):
            return BadRow(line=line, problem="has a NUL character, which no field may hold", cells=cells)
        values = {name: cells[position].strip() for name, position in self._positions.items()}
        return SourceRow(line=line, values=values, cells=cells)

    def _reader(self) -> "CsvReader":
        csv.field_size_limit(MAXIMUM_FIELD)
        return csv.reader(io.StringIO(self._text, newline=""), delimiter=self._delimiter, strict=True)

    def _read_header(self) -> list[str]:
        first_line = self._text.partition("\n")[0]
        try:
            self._delimiter = csv.Sniffer().sniff(first_line, delimiters=DELIMITERS).delimiter
        except csv.Error:
            self._delimiter = ","
        try:
            header = [name.strip() for name in next(self._reader(), [])]
        except csv.Error as error:
            raise UnusableFile(f"{self.path.name}: the first line is not a CSV header: {error}") from error
        if any("\0" in name for name in header):
            raise UnusableFile(
                f"{self.path.name}: the first line is not text in the encoding that was recognised; "
                "say which it is, for example --encoding utf-16-le"
            )
        if not any(header):
            raise UnusableFile(f"{self.path.name} is empty: its first line should name the columns")
        return header

    def _find_columns(
        self, columns: Mapping[str, str], *, required: Sequence[str], optional: Sequence[str]
    ) -> dict[str, int]:
        known = [*required, *optional]
        if unknown := sorted(set(columns) - set(known)):
            raise UnusableFile(f"--columns names {', '.join(unknown)}; the fields are {', '.join(known)}")
        positions, missing = {}, []
        for field in known:
            position = self._position_of(columns.get(field, field))
            if position is not None:
                positions[field] = position
            elif field in columns:
                missing.append(f"{field} (looked for the column {columns[field]!r})")
            elif field in required:
                missing.append(field)
        if missing:
            raise UnusableFile(
                f"{self.path.name} has no column for {', '.join(missing)}. Its columns are: "
                f"{', '.join(self.header)}. Say which is which with --columns field=header,…"
            )
        return positions

    def _position_of(self, name: str) -> int | None:
        wanted = name.strip().casefold()
        places = [place for place, header in enumerate(self.header) if header == name.strip()] or [
            place for place, header in enumerate(self.header) if header.casefold() == wanted
        ]
        if len(places) > 1:
            raise UnusableFile(f"{self.path.name} has {len(places)} columns named {name!r}")
        return places[0] if places else None


def _decoded(path: Path, encoding: str | None) -> str:
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise UnusableFile(f"{path.name} is larger than {MAXIMUM_BYTES // 2**20} MiB; please split it")
        raw = path.read_bytes()
    except OSError as error:
        raise UnusableFile(f"cannot read {path}: {error.strerror}") from error
    if raw.startswith(ZIP):
        raise UnusableFile(f"{path.name} is a workbook or a zip archive, not CSV; save it as CSV and import that")
    if encoding is not None:
        try:
            return raw.decode(encoding).removeprefix("\ufeff")
        except LookupError:
            raise UnusableFile(f"there is no encoding {encoding}; common ones are utf-8, cp1252 and utf-16") from None
        except UnicodeError as error:
            raise UnusableFile(f"{path.name} is not {encoding}: {error}. Try without --encoding, or another") from error
    try:
        # utf-8-sig: spreadsheets put a mark in front, which would become part of the first column's name.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(raw).best()
    if best is None:
        raise UnusableFile(f"{path.name} is text in no encoding that could be recognised; say which with --encoding")
    return str(best)
