"""Visits that the business brings along, by their references. Repeating an import changes nothing."""

from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy.orm import Session

from chassis.outbox import record_many
from contracts import codes
from contracts.billing import ImportVisits, VisitRow, VisitState
from contracts.imports import RowResult, RowStatus
from contracts.wire import Refused
from services.billing import store
from services.billing.domain import limits, visit_limits
from services.billing.domain.invoice import Invoice
from services.billing.domain.rules import Moment
from services.billing.domain.visit import Visit
from services.billing.operations.visiting import check_line, new_visit
from services.billing.visit_events import visit_changed


@dataclass
class _Work:
    """What an import is going to write, gathered over all its rows so that each table is written once."""

    session: Session
    known: dict[str, Visit]
    invoices: dict[str, Invoice]
    line_counts: dict[str, int]
    owed: set[str]
    today: date
    moment: Moment
    created: list[Visit] = field(default_factory=list)
    changed: list[Visit] = field(default_factory=list)
    # Changed in what bills them alone, of which there is no event.
    billed: list[Visit] = field(default_factory=list)


def import_visits(session: Session, command: ImportVisits, *, moment: Moment) -> list[RowResult]:
    """Create visits by reference and bring those that are there up to date; one result a row, in their order."""
    limits.check_row_count(command.rows, "rows")
    work = _begin(session, command, moment)
    seen: set[str] = set()
    results = []
    for row in command.rows:
        try:
            if row.reference in seen:
                raise Refused(codes.CONFLICT, f"Visit {row.reference} stands in this import twice.")
            seen.add(row.reference)
            results.append(_import(row, work))
        except Refused as refused:
            results.append(RowResult(row=row.row, status="refused", code=refused.code, message=refused.message))
    lost = _write(work)
    return [_taken(result) if result.id in lost else result for result in results]


def _begin(session: Session, command: ImportVisits, moment: Moment) -> _Work:
    references = {row.reference for row in command.rows}
    owners = store.visit_owners_by_reference(session, references)
    customers = {row.customer_id for row in command.rows if limits.is_id(row.customer_id)} | set(owners.values())
    store.lock_accounts(session, customers)
    known = store.visits_by_reference(session, references)
    billed = {visit.invoice_id for visit in known.values() if visit.invoice_id is not None}
    invoices = store.invoices_by_number(session, {row.invoice_number for row in command.rows if row.invoice_number})
    return _Work(
        session=session,
        known=known,
        invoices=invoices,
        line_counts=store.line_counts(session, {invoice.invoice_id for invoice in invoices.values()}),
        owed=store.owed_among(session, billed),
        today=command.today or moment.today,
        moment=moment,
    )


def _import(row: VisitRow, work: _Work) -> RowResult:
    limits.check_id(row.customer_id, "customer_id")
    visit_limits.check_reference(row.reference)
    visit_limits.check_terms(row.terms)
    known = work.known.get(row.reference)
    # On a copy: a row that is refused half way has changed nothing.
    visit = replace(known) if known else new_visit(row.customer_id, row.reference, row.terms, work.moment)
    if visit.customer_id != row.customer_id:
        raise Refused(codes.CONFLICT, f"Visit {row.reference} is another customer's.")
    if row.terms != visit.terms:
        visit.revise(row.terms, today=work.today)
    _advance(visit, _wanted_state(row, visit, work.today), work)
    if row.invoice_number:
        _bill(visit, row, work)
    status: RowStatus = "created"
    if known is None:
        work.created.append(visit)
    elif visit == known:
        status = "unchanged"
    else:
        status = "updated"
        same = (visit.terms, visit.state) == (known.terms, known.state)
        (work.billed if same else work.changed).append(visit)
    return RowResult(row=row.row, status=status, id=visit.visit_id, state=visit.state)


def _wanted_state(row: VisitRow, visit: Visit, today: date) -> VisitState:
    if row.state is not None:
        return row.state
    return "completed" if visit.state == "scheduled" and row.terms.scheduled_on < today else visit.state


def _advance(visit: Visit, wanted: VisitState, work: _Work) -> None:
    if wanted == visit.state:
        return
    match wanted:
        case "completed":
            visit.complete(at=work.moment.now, today=work.today)
        case "cancelled":
            visit.cancel(at=work.moment.now, reason="")
        case "scheduled":
            raise Refused(codes.CONFLICT, f"Visit {visit.reference} was {visit.state}; it cannot be scheduled again.")


def _bill(visit: Visit, row: VisitRow, work: _Work) -> None:
    invoice = work.invoices.get(row.invoice_number or "")
    if invoice is None:
        raise Refused(codes.NOT_FOUND, f"There is no invoice {row.invoice_number}.", field="invoice_number")
    if invoice.customer_id != visit.customer_id:
        raise Refused(codes.CONFLICT, f"Invoice {row.invoice_number} is another customer's.", field="invoice_number")
    if (visit.invoice_id, visit.line) == (invoice.invoice_id, row.line):
        return
    check_line(row.line, work.line_counts.get(invoice.invoice_id, 0))
    visit.bill(invoice_id=invoice.invoice_id, line=row.line, is_owed=visit.invoice_id in work.owed)


def _write(work: _Work) -> set[str]:
    """Write everything and return the ids of new visits whose reference another import took meanwhile."""
    new = [
        (visit, visit_changed(visit, at=work.moment.now, origin="import")) for visit in [*work.created, *work.changed]
    ]
    written = store.insert_visits(work.session, work.created)
    lost = {visit.visit_id for visit in work.created} - written
    store.save_visits(work.session, [*work.changed, *work.billed])
    record_many(work.session, [event for visit, event in new if visit.visit_id not in lost])
    return lost


def _taken(result: RowResult) -> RowResult:
    return RowResult(
        row=result.row,
        status="refused",
        code=codes.CONFLICT,
        message="Another import took this reference at the same moment. Please repeat this one.",
    )
