"""`porchlight import invoices`: what was invoiced and paid; nobody is written to about it."""

from collections.abc import Callable, Sequence
from datetime import date

from contracts.billing import ImportInvoices, InvoiceRow
from contracts.identity import CustomerRow, ImportCustomers
from porchlight.connection import CALL_TIMEOUT_S, Caller
from porchlight.importing.batches import in_batches
from porchlight.importing.invoice_rows import InvoiceFormat, ParsedInvoice, parse
from porchlight.importing.known_customers import customer_ids_of
from porchlight.importing.report import ImportReport
from porchlight.importing.settlements import record_settlements
from porchlight.importing.source import Source, SourceRow


def import_invoices(
    caller: Caller,
    source: Source,
    invoice_format: InvoiceFormat,
    *,
    today: date,
    dry_run: bool,
    progress: Callable[[int], None],
) -> ImportReport:
    """Import every invoice of the file, and a payment for each that was settled on or before today.

    `progress` is told how many more rows are done, those that were not taken among them.
    """
    report = ImportReport(header=source.header)
    batches = in_batches(
        source,
        report,
        parse=lambda row: parse(row, invoice_format),
        key=lambda invoice: invoice.number,
        key_name="number",
        progress=progress,
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
    imported = caller.call(ImportInvoices(rows=rows, today=today), timeout_s=CALL_TIMEOUT_S)
    report.count("invoices", imported, cells)
    record_settlements(
        caller,
        report,
        invoices=parsed,
        imported=imported,
        customer_ids=customer_ids,
        cells=cells,
        today=today,
    )


def _customer_ids(
    caller: Caller,
    parsed: dict[int, ParsedInvoice],
    report: ImportReport,
    cells: dict[int, Sequence[str]],
    *,
    create: bool,
) -> dict[str, str]:
    references = sorted({invoice.customer for invoice in parsed.values()})
    found = customer_ids_of(caller, references)
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
