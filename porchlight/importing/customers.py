"""`porchlight import customers`: the people that the business knows, by its own reference."""

from collections.abc import Callable

from contracts.identity import CustomerRow, ImportCustomers
from porchlight.connection import CALL_TIMEOUT_S, Caller
from porchlight.importing.batches import in_batches
from porchlight.importing.report import ImportReport
from porchlight.importing.source import Source, SourceRow

REQUIRED = ("reference", "name")
OPTIONAL = ("email", "phone", "address")


def import_customers(caller: Caller, source: Source, *, dry_run: bool, progress: Callable[[int], None]) -> ImportReport:
    """Create or update every customer of the file.

    `progress` is told how many more rows are done, those that were not taken among them.
    """
    report = ImportReport(header=source.header)
    batches = in_batches(
        source, report, parse=_parse, key=lambda row: row.reference, key_name="reference", progress=progress
    )
    for batch in batches:
        if dry_run:
            report.counts["readable"] += len(batch)
            progress(len(batch))
            continue
        cells = {row.line: row.cells for row, _ in batch}
        results = caller.call(ImportCustomers(rows=[parsed for _, parsed in batch]), timeout_s=CALL_TIMEOUT_S)
        report.count("customers", results, cells)
        progress(len(batch))
    return report


def _parse(row: SourceRow) -> CustomerRow:
    values = row.values
    if not values["reference"]:
        raise ValueError("reference is empty")
    return CustomerRow(
        row=row.line,
        reference=values["reference"],
        name=values["name"] or None,
        email=values.get("email") or None,
        phone=values.get("phone") or None,
        address=values.get("address") or None,
    )
