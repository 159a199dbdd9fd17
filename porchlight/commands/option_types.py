"""What the command's options are written as, besides what click knows: days, and which column is which field."""

from datetime import date
from typing import Any

import click

from porchlight.importing.values import EARLIEST_YEAR, LATEST_YEAR

PORT = click.IntRange(1, 65535)
"""A port to listen on."""


class Columns(click.ParamType[dict[str, str]]):
    """`field=header,field=header`: which of the file's columns is which field."""

    name = "field=header,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str]:
        if isinstance(value, dict):
            return value
        columns = {}
        for pair in str(value).split(","):
            field, equals, header = pair.partition("=")
            if not equals or not field.strip() or not header.strip():
                self.fail(f"{pair!r} is not field=header", param, ctx)
            columns[field.strip()] = header.strip()
        return columns


class Day(click.ParamType[date]):
    """A date as ISO 8601 writes it."""

    name = "yyyy-mm-dd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            day = value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2013-06-30", param, ctx)
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            self.fail(f"{value!r} is not between {EARLIEST_YEAR} and {LATEST_YEAR}", param, ctx)
        return day
