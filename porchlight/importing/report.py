"""What became of an import: counts, and a file with every row that was not taken and why."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contracts.imports import RowResult
from porchlight.importing.source import BadRow


@dataclass(kw_only=True)
class ImportReport:
    """Counts by outcome (`created`, `updated`, `unchanged`, `refused`, and by what was imported) and bad rows."""

    header: Sequence[str]
    counts: Counter[str] = field(default_factory=Counter)
    bad_rows: list[BadRow] = field(default_factory=list)

    def refuse(self, line: int, problem: str, cells: Sequence[str]) -> None:
        """Note a row that was not imported."""
        self.bad_rows.append(BadRow(line=line, problem=problem, cells=cells))

    def count(self, what: str, results: Sequence[RowResult], cells: Mapping[int, Sequence[str]]) -> None:
        """Count a service's answers for rows of `what`; `cells`, by line, are kept of those that were refused."""
        for result in results:
            self.counts[f"{what} {result.status}"] += 1
            if result.status == "refused":
                self.refuse(result.row, result.message or "refused", cells[result.row])

    def write_errors(self, path: Path) -> None:
        """Write the bad rows, as they were, behind their line and what was wrong: to be mended and imported again.

        Without bad rows no file is left, not even one of an earlier run.
        """
        if not self.bad_rows:
            path.unlink(missing_ok=True)
            return
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "problem", *self.header])
            for bad in sorted(self.bad_rows, key=lambda row: row.line):
                writer.writerow([bad.line, bad.problem, *bad.cells])
