"""One row of a visit file: what its columns are, and its values read as dates and times of day."""

from dataclasses import dataclass
from datetime import time

from contracts.billing import VisitState, VisitTerms
from porchlight.importing.source import SourceRow
from porchlight.importing.values import read_date, read_time

REQUIRED = ("customer", "reference", "date", "service")
OPTIONAL = ("arrives_from", "arrives_until", "address", "crew_note", "state", "invoice", "invoice_line")

_STATES: dict[str, VisitState] = {
    "scheduled": "scheduled",
    "completed": "completed",
    "done": "completed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}


@dataclass(frozen=True, kw_only=True)
class VisitFormat:
    """How the file writes dates and times of day."""

    date_format: str
    time_format: str


@dataclass(frozen=True, kw_only=True)
class ParsedVisit:
    """One row's values, read. `line` counts from 0."""

    customer: str
    reference: str
    terms: VisitTerms
    state: VisitState | None
    invoice_number: str | None
    line: int | None


def parse(row: SourceRow, visit_format: VisitFormat) -> ParsedVisit:
    """Read a row. Raises ValueError, saying what is wrong with which value."""
    values = row.values
    for field in REQUIRED:
        if not values[field]:
            raise ValueError(f"{field} is empty")
    arrives_from = _time(row, "arrives_from", visit_format)
    arrives_until = _time(row, "arrives_until", visit_format)
    if (arrives_from is None) != (arrives_until is None):
        raise ValueError("arrives_from and arrives_until are both given or neither")
    if arrives_from is not None and arrives_until is not None and arrives_until <= arrives_from:
        raise ValueError(
            f"arrives_until {values['arrives_until']!r} is not after arrives_from {values['arrives_from']!r}"
        )
    return ParsedVisit(
        customer=values["customer"],
        reference=values["reference"],
        terms=VisitTerms(
            scheduled_on=read_date(values["date"], date_format=visit_format.date_format, field="date"),
            arrives_from=arrives_from,
            arrives_until=arrives_until,
            service=values["service"],
            address=values.get("address", ""),
            crew_note=values.get("crew_note", ""),
        ),
        state=_state(values.get("state", "")),
        invoice_number=values.get("invoice") or None,
        line=_line(values.get("invoice_line", ""), has_invoice=bool(values.get("invoice"))),
    )


def _time(row: SourceRow, field: str, visit_format: VisitFormat) -> time | None:
    text = row.values.get(field)
    return read_time(text, time_format=visit_format.time_format, field=field) if text else None


def _state(text: str) -> VisitState | None:
    if not text:
        return None
    state = _STATES.get(text.lower())
    if state is None:
        raise ValueError(f"state {text!r} is none of {', '.join(_STATES)}")
    return state


def _line(text: str, *, has_invoice: bool) -> int | None:
    if not text:
        return None
    if not has_invoice:
        raise ValueError(f"invoice_line {text!r} belongs to no invoice")
    if not (text.isascii() and text.isdigit() and int(text[:9]) >= 1 and len(text) < 9):
        raise ValueError(f"invoice_line {text!r} is not a number of a line, such as 1")
    return int(text) - 1
