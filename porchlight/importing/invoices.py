"""`porchlight import invoices`: what was invoiced and paid; nobody is written to about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.billing import FindInvoices, ImportInvoices, InvoiceRow
from contracts.codes import CONFLICT
from contracts.identity import CustomerRow, FindCustomers, ImportCustomers
from contracts.imports import RowResult
from contracts.payments import RecordedPayment, RecordPayments
from porchlight.importing.batches import in_batches
from porchlight.importing.customers import CALL_TIMEOUT_S, Caller
from porchlight.importing.report import ImportReport
from porchlight.importing.source import Source, SourceRow
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


def import_invoices(
    caller: Caller,
    source: Source,
    invoice_format: InvoiceFormat,
    *,
    today: date,
    dry_run: bool,
    progress: Callable[[int], None],
) -> ImportReport:
    """Import every invoice of the file, and a payment for each that was settled on or before today."""
    report = ImportReport(header=source.header)
    batches = in_batches(
        source,
        report,
        parse=lambda row: _parse(row, invoice_format),
        key=lambda invoice: invoice.number,
        key_name="number",
    )
    for batch in batches:
        if dry_run:
            report.counts["readable"] += len(batch)
        else:
            _import_batch(caller, batch, report, today=today, create_customers=invoice_format.create_customers)
        progress(len(batch))
    return report


def _import_batch(
    caller: Caller,
    batch: list[tuple[SourceRow, ParsedInvoice]],
    report: ImportReport,
    *,
    today: date,
    create_customers: bool,
) -> None:
    cells = {row.line: row.cells for row, _ in batch}
    parsed = {row.line: invoice for row, invoice in batch}
    customer_ids = _customer_ids(caller, parsed, report, cells, create=create_customers)
    rows = [
        InvoiceRow(
            row=line,
            customer_id=customer_ids[invoice.customer],
            number=invoice.number,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            total_minor=invoice.total_minor,
            description=invoice.description,
        )
        for line, invoice in parsed.items()
        if invoice.customer in customer_ids
    ]
    if not rows:
        return
    results = caller.call(ImportInvoices(rows=rows, today=today), timeout_s=CALL_TIMEOUT_S)
    _count("invoices", results, report, cells)
    settled_here = _settled_here(caller, parsed, results)
    payments = [
        RecordedPayment(
            row=result.row,
            # One payment an invoice, whatever is imported again.
            external_key=f"import:invoice:{parsed[result.row].number}",
            customer_id=customer_ids[parsed[result.row].customer],
            amount_minor=parsed[result.row].total_minor,
            method="other",
            received_on=paid_on,
            invoice_ids=[result.id],
            # Money that came through the portal is not received once more because a newer export tells of it.
            only_if_known=result.row in settled_here,
        )
        for result in results
        # A draft's payment comes with the import that sends it: until then it would go to other invoices.
        if result.status != "refused"
        and result.state != "draft"
        and result.id is not None
        and (paid_on := parsed[result.row].paid_on) is not None
        and paid_on <= today
    ]
    if payments:
        answers = caller.call(RecordPayments(rows=payments, origin="import"), timeout_s=CALL_TIMEOUT_S)
        for answer in answers:
            if settled_here.get(answer.row) == "paid" and answer.code == CONFLICT:
                report.counts["invoices paid already"] += 1
            elif answer.code == CONFLICT:
                report.counts["payments refused"] += 1
                report.refuse(
                    answer.row, "paid in part already, or being paid: record the payment by hand", cells[answer.row]
                )
            else:
                _count("payments", [answer], report, cells)


def _settled_here(caller: Caller, parsed: dict[int, ParsedInvoice], results: list[RowResult]) -> dict[int, str]:
    """The rows whose invoices have payments already, the import's own among them: `paid` or `in part`."""
    rows = {parsed[result.row].number: result.row for result in results if result.status not in ("refused", "created")}
    if not rows:
        return {}
    known = caller.call(FindInvoices(numbers=list(rows)), timeout_s=CALL_TIMEOUT_S)
    return {
        rows[invoice.number]: "paid" if invoice.open_minor == 0 else "in part"
        for invoice in known
        if invoice.state == "sent" and (invoice.open_minor < invoice.total_minor or invoice.processing_minor > 0)
    }


def _customer_ids(
    caller: Caller,
    parsed: dict[int, ParsedInvoice],
    report: ImportReport,
    cells: dict[int, Sequence[str]],
    *,
    create: bool,
) -> dict[str, str]:
    references = sorted({invoice.customer for invoice in parsed.values()})
    found = {
        customer.reference: customer.customer_id
        for customer in caller.call(FindCustomers(references=references), timeout_s=CALL_TIMEOUT_S)
    }
    unknown = [reference for reference in references if reference not in found]
    problems = dict.fromkeys(unknown, "is not known; import customers first, or use --create-customers")
    if create and unknown:
        rows = [CustomerRow(row=row, reference=reference, name=reference) for row, reference in enumerate(unknown)]
        results = caller.call(ImportCustomers(rows=rows, create_only=True), timeout_s=CALL_TIMEOUT_S)
        for reference, result in zip(unknown, results, strict=True):
            if result.id is not None and result.status != "refused":
                found[reference] = result.id
                report.counts["customers created"] += result.status == "created"
            else:
                problems[reference] = result.message or "could not be created"
    for line, invoice in parsed.items():
        if invoice.customer not in found:
            report.refuse(line, f"customer {invoice.customer!r} {problems[invoice.customer]}", cells[line])
    return found


def _count(what: str, results: list[RowResult], report: ImportReport, cells: dict[int, Sequence[str]]) -> None:
    for result in results:
        report.counts[f"{what} {result.status}"] += 1
        if result.status == "refused":
            report.refuse(result.row, result.message or "refused", cells[result.row])


def _parse(row: SourceRow, invoice_format: InvoiceFormat) -> ParsedInvoice:
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
