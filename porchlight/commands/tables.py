"""Printing what a command found: a table for people, CSV and JSON for programs."""

import csv
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

FORMATS = ("table", "csv", "json")
WIDE = 160
"""Columns of a table that goes to a file or a pipe, which have no width of their own."""

Cell = str | int | None


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--format`, the parameter `output`."""
    option = click.option("--format", "output", type=click.Choice(FORMATS), default="table", show_default=True)
    return option(command)


def print_data(header: Sequence[str], rows: Sequence[Sequence[Cell]], output: str) -> None:
    """Print rows as `csv` with a header line, or as `json`: a list of objects."""
    if output == "json":
        click.echo(json.dumps([dict(zip(header, row, strict=True)) for row in rows], indent=2, ensure_ascii=False))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def print_table(header: Sequence[str], rows: Sequence[Sequence[Cell]], *, right: Sequence[str] = ()) -> None:
    """Print rows as a table; the columns `right` are aligned there, and ids in the first stay whole."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    table = Table()
    for place, name in enumerate(header):
        table.add_column(name, justify="right" if name in right else "left", no_wrap=place == 0, overflow="fold")
    for row in rows:
        # As Text: what others wrote (an error, a subject) is shown, never read as markup.
        table.add_row(*(Text("" if cell is None else " ".join(str(cell).split())) for cell in row))
    console.print(table)
