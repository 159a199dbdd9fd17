"""The payments that an invoice file tells of: one for each invoice that it calls paid on or before today."""

from collections.abc import Mapping, Sequence
from datetime import date

from contracts.billing import FindInvoices
from contracts.codes import CONFLICT
from contracts.imports import RowResult
from contracts.payments import RecordedPayment, RecordPayments
from porchlight.connection import CALL_TIMEOUT_S, Caller
from porchlight.importing.invoice_rows import ParsedInvoice
from porchlight.importing.report import ImportReport


def record_settlements(
    caller: Caller,
    report: ImportReport,
    *,
    invoices: Mapping[int, ParsedInvoice],
    imported: Sequence[RowResult],
    customer_ids: Mapping[str, str],
    cells: Mapping[int, Sequence[str]],
    today: date,
) -> None:
    """Record what the imported rows say was received. `invoices` and `cells` are by the row's line.

    Repeated, it records nothing twice, neither what an earlier import brought nor what was paid through the portal.
    """
    paid_here = _paid_here(caller, invoices, imported)
    payments = [
        _payment(result.row, result.id, paid_on, invoices[result.row], customer_ids, result.row in paid_here)
        for result in imported
        # A draft's payment comes with the import that sends it: until then it would go to other invoices.
        if result.status != "refused"
        and result.state != "draft"
        and result.id is not None
        and (paid_on := invoices[result.row].paid_on) is not None
        and paid_on <= today
    ]
    if not payments:
        return
    for answer in caller.call(RecordPayments(rows=payments, origin="import"), timeout_s=CALL_TIMEOUT_S):
        if answer.code != CONFLICT:
            report.count("payments", [answer], cells)
        elif paid_here.get(answer.row) == "paid":
            report.counts["invoices paid already"] += 1
        else:
            report.counts["payments refused"] += 1
            problem = "paid in part already, or being paid: record the payment by hand"
            report.refuse(answer.row, problem, cells[answer.row])


def _payment(
    row: int,
    invoice_id: str,
    paid_on: date,
    invoice: ParsedInvoice,
    customer_ids: Mapping[str, str],
    only_if_known: bool,
) -> RecordedPayment:
    return RecordedPayment(
        row=row,
        # One payment an invoice, whatever is imported again.
        external_key=f"import:invoice:{invoice.number}",
        customer_id=customer_ids[invoice.customer],
        amount_minor=invoice.total_minor,
        method="other",
        received_on=paid_on,
        invoice_ids=[invoice_id],
        # Money that came through the portal is not received once more because a newer export tells of it.
        only_if_known=only_if_known,
    )


def _paid_here(caller: Caller, invoices: Mapping[int, ParsedInvoice], imported: Sequence[RowResult]) -> dict[int, str]:
    """The rows whose invoices have payments already, the import's own among them: `paid` or `in part`."""
    rows = {invoices[each.row].number: each.row for each in imported if each.status not in ("refused", "created")}
    if not rows:
        return {}
    known = caller.call(FindInvoices(numbers=list(rows)), timeout_s=CALL_TIMEOUT_S)
    return {
        rows[invoice.number]: "paid" if invoice.open_minor == 0 else "in part"
        for invoice in known
        if invoice.state == "sent" and (invoice.open_minor < invoice.total_minor or invoice.processing_minor > 0)
    }
