"""Visits are scheduled, changed, completed, cancelled and billed: one function each, under the account's lock."""

from sqlalchemy.orm import Session

from chassis.idempotency import once
from chassis.ids import new_id
from chassis.outbox import record_many
from contracts import codes
from contracts.billing import BillVisit, CancelVisit, ChangeVisit, CompleteVisit, ScheduleVisit, VisitTerms, VisitView
from contracts.wire import Refused
from services.billing import store, visit_queries
from services.billing.domain import limits, visit_limits
from services.billing.domain.rules import Moment
from services.billing.domain.visit import Visit
from services.billing.visit_events import visit_changed


def schedule_visit(session: Session, command: ScheduleVisit, *, moment: Moment) -> VisitView:
    """Plan a visit, once per key."""
    limits.check_id(command.customer_id, "customer_id")
    visit_limits.check_terms(command.terms)
    if command.reference is not None:
        visit_limits.check_reference(command.reference)
    if command.terms.scheduled_on < moment.today:
        raise Refused(codes.INVALID, "A visit is scheduled for today or a day to come.", field="scheduled_on")
    store.lock_account(session, command.customer_id)
    return once(session, command.key, command, lambda: _schedule(session, command, moment))


def change_visit(session: Session, command: ChangeVisit, *, moment: Moment) -> VisitView:
    """Move a visit or say something else of it."""
    visit_limits.check_terms(command.terms)
    visit = _locked(session, command.visit_id)
    moves = command.terms.scheduled_on != visit.scheduled_on
    if moves and visit.state == "scheduled" and command.terms.scheduled_on < moment.today:
        raise Refused(codes.INVALID, "A visit is moved to today or a day to come.", field="scheduled_on")
    if command.terms != visit.terms:
        visit.revise(command.terms, today=moment.today)
        _save(session, visit, moment)
    return visit_queries.visit_for_business(session, visit.visit_id)


def complete_visit(session: Session, command: CompleteVisit, *, moment: Moment) -> VisitView:
    """The crew was there."""
    visit = _locked(session, command.visit_id)
    before = (visit.state, visit.crew_note)
    if command.crew_note is not None:
        limits.check_text(command.crew_note, "crew_note")
        visit.crew_note = command.crew_note
    if visit.state != "completed":
        visit.complete(at=moment.now, today=moment.today)
    if (visit.state, visit.crew_note) != before:
        _save(session, visit, moment)
    return visit_queries.visit_for_business(session, visit.visit_id)


def cancel_visit(session: Session, command: CancelVisit, *, moment: Moment) -> VisitView:
    """A visit does not take place."""
    limits.check_text(command.reason, "reason")
    visit = _locked(session, command.visit_id)
    if visit.state != "cancelled":
        visit.cancel(at=moment.now, reason=command.reason)
        _save(session, visit, moment)
    return visit_queries.visit_for_business(session, visit.visit_id)


def bill_visit(session: Session, command: BillVisit) -> VisitView:
    """Say which invoice bills a visit. No event: nobody who hears of visits has to know."""
    visit = _locked(session, command.visit_id)
    invoice = store.invoices_by_id(session, [command.invoice_id]).get(command.invoice_id)
    if invoice is None or invoice.customer_id != visit.customer_id:
        raise Refused(codes.NOT_FOUND, "This customer has no such invoice.", field="invoice_id")
    check_line(command.line, store.line_counts(session, [invoice.invoice_id]).get(invoice.invoice_id, 0))
    owed = store.owed_among(session, [visit.invoice_id]) if visit.invoice_id else set()
    visit.bill(invoice_id=invoice.invoice_id, line=command.line, is_owed=visit.invoice_id in owed)
    store.save_visits(session, [visit])
    return visit_queries.visit_for_business(session, visit.visit_id)


def check_line(line: int | None, line_count: int) -> None:
    """Refuse a position at which an invoice of so many lines has none."""
    if line is not None and not 0 <= line < line_count:
        raise Refused(codes.INVALID, "The invoice has no such line.", field="line")


def new_visit(customer_id: str, reference: str | None, terms: VisitTerms, moment: Moment) -> Visit:
    """A visit that is planned."""
    return Visit(
        visit_id=new_id(),
        customer_id=customer_id,
        reference=reference,
        scheduled_on=terms.scheduled_on,
        arrives_from=terms.arrives_from,
        arrives_until=terms.arrives_until,
        service=terms.service,
        address=terms.address,
        crew_note=terms.crew_note,
        created_at=moment.now,
        changed_at=moment.now,
    )


def _schedule(session: Session, command: ScheduleVisit, moment: Moment) -> VisitView:
    visit = new_visit(command.customer_id, command.reference, command.terms, moment)
    event = visit_changed(visit, at=moment.now, origin="portal")
    if not store.insert_visits(session, [visit]):
        raise Refused(codes.CONFLICT, f"There is a visit {command.reference} already.", field="reference")
    record_many(session, [event])
    return visit_queries.visit_for_business(session, visit.visit_id)


def _locked(session: Session, visit_id: str) -> Visit:
    owner = store.visit_owner(session, visit_id)
    if owner is None:
        raise Refused(codes.NOT_FOUND, "There is no such visit.")
    store.lock_account(session, owner)
    return store.visit_by_id(session, visit_id)


def _save(session: Session, visit: Visit, moment: Moment) -> None:
    record_many(session, [visit_changed(visit, at=moment.now, origin="portal")])
    store.save_visits(session, [visit])
