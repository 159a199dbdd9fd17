"""Cutting a file into batches, refusing what comes twice in it."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from porchlight.importing.report import ImportReport
from porchlight.importing.source import BadRow, Source, SourceRow

BATCH = 250

Parsed = TypeVar("Parsed")


def in_batches(
    source: Source,
    report: ImportReport,
    *,
    parse: Callable[[SourceRow], Parsed],
    key: Callable[[Parsed], str],
    key_name: str,
    progress: Callable[[int], None],
) -> Iterator[list[tuple[SourceRow, Parsed]]]:
    """Rows that could be read, `BATCH` at a time; the others go into the report.

    `parse` raises ValueError for a row that is wrong. A `key` that came before in the file is refused. `progress`
    is told of each row that is not among those returned.
    """
    first_lines: dict[str, int] = {}
    batch: list[tuple[SourceRow, Parsed]] = []
    for row in source.rows():
        if isinstance(row, BadRow):
            report.bad_rows.append(row)
            progress(1)
            continue
        try:
            parsed = parse(row)
            first_line = first_lines.setdefault(key(parsed), row.line)
            if first_line != row.line:
                raise ValueError(f"{key_name} {key(parsed)!r} is already on line {first_line}")
        except ValueError as error:
            report.refuse(row.line, str(error), row.cells)
            progress(1)
            continue
        batch.append((row, parsed))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
