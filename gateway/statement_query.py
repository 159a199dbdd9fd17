"""What the address of a statement asks for, and what is wrong with it."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

from flask import abort, request

from contracts.balance import StatementPeriod
from gateway.invoice_query import cursor
from gateway.statement_lines import PERIODS

LONGEST_TYPED = 40
NOT_A_DAY = "Enter a date as year-month-day, such as 2026-03-31."
_FIELDS = ("from", "to")
_FIELD_OF = {"starts_on": "from", "ends_on": "to"}


@dataclass(frozen=True)
class StatementQuery:
    """A period as it was asked for. `typed` is what stood in the fields, `problems` what to say beside them."""

    period: StatementPeriod = "this_year"
    starts_on: date | None = None
    ends_on: date | None = None
    after: str | None = None
    typed: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_request(cls) -> "StatementQuery":
        """What this request's address says; a period that does not exist is no page (404)."""
        typed = {name: request.args.get(name, "").strip()[:LONGEST_TYPED] for name in _FIELDS}
        period = request.args.get("period", "custom" if any(typed.values()) else "this_year").replace("-", "_")
        if period not in PERIODS:
            abort(404)
        after = cursor()
        if period != "custom":
            return cls(period=cast(StatementPeriod, period), after=after, typed=typed)
        days = {name: _day_of(text) for name, text in typed.items()}
        problems = {name: NOT_A_DAY for name, text in typed.items() if text and days[name] is None}
        return cls(
            period="custom", starts_on=days["from"], ends_on=days["to"], after=after, typed=typed, problems=problems
        )

    def with_problem(self, command_field: str, message: str) -> "StatementQuery":
        """The same, with what balance says about one of its days."""
        return replace(self, problems={**self.problems, _FIELD_OF[command_field]: message})

    @property
    def address(self) -> dict[str, Any]:
        """The parts of the address that ask for this period again."""
        own = self.typed if self.period == "custom" else {}
        return {"period": self.period.replace("_", "-"), **own}


def _day_of(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Dates of eight digits and of weeks are ISO 8601 too, but no field of a browser sends them.
    return day if day.isoformat() == text else None
