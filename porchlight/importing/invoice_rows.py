"""One row of an invoice file: what its columns are, and its values read as amounts and dates."""

from dataclasses import dataclass
from datetime import date

from porchlight.importing.source import SourceRow
from porchlight.importing.values import read_amount_minor, read_date

REQUIRED = ("customer", "number", "issued_on", "due_on", "total")
OPTIONAL = ("paid_on", "description")


@dataclass(frozen=True, kw_only=True)
class InvoiceFormat:
    """How the file writes dates and amounts, and whether unknown customers are created."""

    date_format: str
    currency: str
    locale: str
    create_customers: bool


@dataclass(frozen=True, kw_only=True)
class ParsedInvoice:
    """One row's values, read."""

    customer: str
    number: str
    issued_on: date
    due_on: date
    total_minor: int
    paid_on: date | None
    description: str


def parse(row: SourceRow, invoice_format: InvoiceFormat) -> ParsedInvoice:
    """Read a row. Raises ValueError, saying what is wrong with which value."""
    values = row.values
    for field in REQUIRED:
        if not values[field]:
            raise ValueError(f"{field} is empty")
    issued_on = read_date(values["issued_on"], date_format=invoice_format.date_format, field="issued_on")
    due_on = read_date(values["due_on"], date_format=invoice_format.date_format, field="due_on")
    if due_on < issued_on:
        raise ValueError(f"due_on {values['due_on']!r} is before issued_on {values['issued_on']!r}")
    paid_on = None
    if values.get("paid_on"):
        paid_on = read_date(values["paid_on"], date_format=invoice_format.date_format, field="paid_on")
    return ParsedInvoice(
        customer=values["customer"],
        number=values["number"],
        issued_on=issued_on,
        due_on=due_on,
        total_minor=read_amount_minor(
            values["total"], currency=invoice_format.currency, locale=invoice_format.locale, field="total"
        ),
        paid_on=paid_on,
        description=values.get("description", ""),
    )
