"""A statement's rows in words, the same on the screen, on paper and in the table: made in one place."""

from dataclasses import dataclass
from datetime import date

from contracts.balance import ActivityRow, Application, StatementView
from gateway.formats import Formats

PERIODS = {
    "this_month": "This month",
    "last_month": "Last month",
    "this_year": "This year",
    "last_year": "Last year",
    "all": "Everything",
    "custom": "Your own dates",
}

AGES = {
    "current_minor": "Not late",
    "days_1_30_minor": "1–30 days late",
    "days_31_60_minor": "31–60 days late",
    "days_61_90_minor": "61–90 days late",
    "over_90_minor": "Over 90 days late",
}


@dataclass(frozen=True)
class StatementLine:
    """One row. `applied` says, a sentence each, where a payment's or credit's money went. Amounts in minor units."""

    row: ActivityRow
    what: str
    detail: str
    applied: list[str]

    @property
    def effective_on(self) -> date:
        return self.row.effective_on

    @property
    def amount_minor(self) -> int:
        return self.row.amount_minor

    @property
    def balance_minor(self) -> int:
        return self.row.running_balance_minor


def lines_of_statement(view: StatementView, formats: Formats) -> list[StatementLine]:
    """The view's rows, in its order."""
    application_of = {each.event_id: each for each in view.applications}
    return [
        StatementLine(
            row=row,
            what=_what(row),
            detail=" ".join(part for part in (row.description, _reference(row)) if part),
            applied=_applied(application_of.get(row.event_id), view.currency, formats),
        )
        for row in view.rows
    ]


def _what(row: ActivityRow) -> str:
    match row.kind:
        case "invoice":
            return f"Invoice {row.reference}"
        case "void":
            return f"Invoice {row.reference} voided"
        case "payment":
            return "Payment"
        case "refund":
            return "Refund"
        case "dispute":
            return "Disputed payment"
        case "restored":
            return "Payment restored"
        case _:
            return "Credit"


def _reference(row: ActivityRow) -> str:
    return row.reference if row.kind == "payment" else ""


def _applied(application: Application | None, currency: str, formats: Formats) -> list[str]:
    if application is None:
        return []
    said = []
    for part in application.parts:
        invoice = f"invoice {part.invoice_number}" if part.invoice_number else "an invoice"
        taken_off = ", taken off again when it was voided" if part.returned else ""
        said.append(f"{formats.money(part.amount_minor, currency)} on {invoice}{taken_off}")
    if application.left_minor:
        said.append(f"{formats.money(application.left_minor, currency)} left as credit")
    return said
