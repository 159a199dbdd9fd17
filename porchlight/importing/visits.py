"""`porchlight import visits`: what was done, and what is planned."""

from collections.abc import Callable
from datetime import date

from contracts.billing import ImportVisits, VisitRow
from porchlight.connection import CALL_TIMEOUT_S, Caller
from porchlight.importing.batches import in_batches
from porchlight.importing.known_customers import customer_ids_of
from porchlight.importing.report import ImportReport
from porchlight.importing.source import Source, SourceRow
from porchlight.importing.visit_rows import ParsedVisit, VisitFormat, parse


def import_visits(
    caller: Caller,
    source: Source,
    visit_format: VisitFormat,
    *,
    today: date,
    dry_run: bool,
    progress: Callable[[int], None],
) -> ImportReport:
    """Import every visit of the file.

    `progress` is told how many more rows are done, those that were not taken among them.
    """
    report = ImportReport(header=source.header)
    batches = in_batches(
        source,
        report,
        parse=lambda row: parse(row, visit_format),
        key=lambda visit: visit.reference,
        key_name="reference",
        progress=progress,
    )
    for batch in batches:
        if dry_run:
            report.counts["readable"] += len(batch)
        else:
            _import_batch(caller, batch, report, today=today)
        progress(len(batch))
    return report


def _import_batch(
    caller: Caller, batch: list[tuple[SourceRow, ParsedVisit]], report: ImportReport, *, today: date
) -> None:
    customer_ids = customer_ids_of(caller, (visit.customer for _, visit in batch))
    rows = []
    for row, visit in batch:
        customer_id = customer_ids.get(visit.customer)
        if customer_id is None:
            report.refuse(row.line, f"customer {visit.customer!r} is not known; import customers first", row.cells)
            continue
        rows.append(
            VisitRow(
                row=row.line,
                customer_id=customer_id,
                reference=visit.reference,
                terms=visit.terms,
                state=visit.state,
                invoice_number=visit.invoice_number,
                line=visit.line,
            )
        )
    if rows:
        results = caller.call(ImportVisits(rows=rows, today=today), timeout_s=CALL_TIMEOUT_S)
        report.count("visits", results, {row.line: row.cells for row, _ in batch})
