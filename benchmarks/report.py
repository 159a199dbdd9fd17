"""What was measured, as Markdown: tables of figures, targets reached or missed, and the document that keeps them."""

import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Target:
    """A figure and what it should be: at least `bound`, or at most where `at_most` says so. `unit` is printed."""

    what: str
    value: float
    bound: float
    at_most: bool = False
    unit: str = "×"
    digits: int = 2

    @property
    def reached(self) -> bool:
        """Whether the figure is within its bound."""
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    def row(self) -> list[str]:
        """The target as a row of a table."""
        sign = "≤" if self.at_most else "≥"
        verdict = "reached" if self.reached else "**missed**"
        return [self.what, f"{self.value:,.{self.digits}f} {self.unit}", f"{sign} {self.bound:g} {self.unit}", verdict]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table: the first column to the left, figures to the right."""
    lines = [f"| {' | '.join(header)} |", f"| --- |{' ---: |' * (len(header) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def targets_table(targets: Iterable[Target]) -> str:
    """The targets, each with its verdict."""
    lines = ["| target | measured | wanted | |", "| --- | ---: | ---: | --- |"]
    return "\n".join([*lines, *(f"| {' | '.join(target.row())} |" for target in targets)])


def median_ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """The median of the rounds' ratios. Each round's two are compared: what else the machine did then slowed both."""
    return statistics.median(one / other for one, other in zip(over, under, strict=True))


def filled_in(document: str, generated: Mapping[str, str]) -> str:
    """The document with the text between each `<!-- measured: NAME -->` and `<!-- end -->` replaced.

    Everything outside the marks is written by hand and stays. Raises KeyError for a name that the document lacks.
    """
    for name, text in generated.items():
        mark = f"<!-- measured: {name} -->"
        pattern = re.compile(re.escape(mark) + r".*?<!-- end -->", re.DOTALL)
        block = f"{mark}\n\n{text}\n\n<!-- end -->"
        document, count = pattern.subn(lambda _, block=block: block, document)  # type: ignore[misc]
        if count != 1:
            raise KeyError(f"the document has {count} places marked {mark}")
    return document


def write_into(path: Path, generated: Mapping[str, str]) -> None:
    """Fill the document at `path` in."""
    path.write_text(filled_in(path.read_text(encoding="utf-8"), generated), encoding="utf-8")
