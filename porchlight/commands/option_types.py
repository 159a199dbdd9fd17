"""What the command's options are written as, besides what click knows: days, and which column is which field."""

from datetime import date
from typing import Any

import click


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
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2013-06-30", param, ctx)
