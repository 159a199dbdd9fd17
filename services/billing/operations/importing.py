"""Invoices that the business brings along, by their numbers. Repeating an import changes nothing."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from chassis.ids import new_id
from chassis.outbox import record_many
from contracts import codes
from contracts.billing import ImportInvoices, InvoiceLine, InvoiceRow
from contracts.imports import RowResult, RowStatus
from contracts.wire import Refused
from services.billing import events, store
from services.billing.domain import limits
from services.billing.domain.invoice import Invoice, Terms
from services.billing.domain.rules import Moment, OwnerRules, start_of
from services.billing.domain.words import words_of_invoice
from services.billing.operations.crediting import auto_apply
from services.billing.operations.drafting import describe


@dataclass
class _Work:
    """What an import is going to write, gathered over all its rows so that each table is written once."""

    known: dict[str, Invoice]
    known_lines: dict[str, list[InvoiceLine]]
    customers: set[str]
    today: date
    rules: OwnerRules
    moment: Moment
    created: list[Invoice] = field(default_factory=list)
    revised: list[Invoice] = field(default_factory=list)
    sent: list[Invoice] = field(default_factory=list)
    lines: dict[str, list[InvoiceLine]] = field(default_factory=dict)

    def lines_of(self, invoice: Invoice) -> list[InvoiceLine]:
        """Return an invoice's lines as they will be."""
        return self.lines.get(invoice.invoice_id) or self.known_lines[invoice.invoice_id]


def import_invoices(session: Session, command: ImportInvoices, *, rules: OwnerRules, moment: Moment) -> list[RowResult]:
    """Create invoices by number and advance drafts whose issue date has come; one result a row, in their order.

    Issued after today an invoice stays a draft, else it is sent and owed from its issue date. Nobody is written
    to about it (origin `import`).
    """
    limits.check_row_count(command.rows, "rows")
    work = _begin(session, command, rules, moment)
    seen: set[str] = set()
    results = []
    for row in command.rows:
        try:
            if row.number in seen:
                raise Refused(codes.CONFLICT, f"Invoice {row.number} stands in this import twice.")
            seen.add(row.number)
            results.append(_import(row, work))
        except Refused as refused:
            results.append(RowResult(row=row.row, status="refused", code=refused.code, message=refused.message))
    lost = _write(session, work)
    return [_taken(result) if result.id in lost else result for result in results]


def _begin(session: Session, command: ImportInvoices, rules: OwnerRules, moment: Moment) -> _Work:
    numbers = {row.number for row in command.rows}
    owners = store.owners_by_number(session, numbers)
    customers = {row.customer_id for row in command.rows if limits.is_id(row.customer_id)} | set(owners.values())
    store.lock_accounts(session, customers)
    known = store.invoices_by_number(session, numbers)
    drafts = [invoice.invoice_id for invoice in known.values() if invoice.state == "draft"]
    return _Work(
        known=known,
        known_lines=store.lines_of(session, drafts),
        customers=customers,
        today=command.today or moment.today,
        rules=rules,
        moment=moment,
    )


def _import(row: InvoiceRow, work: _Work) -> RowResult:
    _check(row)
    terms = Terms(customer_id=row.customer_id, total_minor=row.total_minor, issued_on=row.issued_on, due_on=row.due_on)
    invoice = work.known.get(row.number)
    if invoice is None:
        invoice = _create(row, work)
        status: RowStatus = "created"
    else:
        status = "updated" if _revise(invoice, terms, row, work) else "unchanged"
    if invoice.state == "draft" and row.issued_on <= work.today:
        invoice.send(at=start_of(row.issued_on, work.rules.time_zone), effective_on=row.issued_on)
        work.sent.append(invoice)
        status = "updated" if status == "unchanged" else status
    return RowResult(row=row.row, status=status, id=invoice.invoice_id, state=invoice.state)


def _check(row: InvoiceRow) -> None:
    limits.check_id(row.customer_id, "customer_id")
    limits.check_number(row.number)
    limits.check_dates(issued_on=row.issued_on, due_on=row.due_on)
    limits.check_amount(row.total_minor, "total_minor")
    limits.check_text(row.description, "description", longest=limits.LONGEST_DESCRIPTION)
    if row.lines and limits.check_lines(row.lines) != row.total_minor:
        raise Refused(codes.INVALID, "The lines do not add up to the total.", field="lines")


def _create(row: InvoiceRow, work: _Work) -> Invoice:
    lines = _proposed_lines(row)
    invoice = Invoice(
        invoice_id=new_id(),
        customer_id=row.customer_id,
        number=row.number,
        currency=work.rules.currency,
        total_minor=row.total_minor,
        issued_on=row.issued_on,
        due_on=row.due_on,
        created_at=work.moment.now,
        description=row.description or describe(lines),
    )
    work.created.append(invoice)
    work.lines[invoice.invoice_id] = lines
    return invoice


def _revise(invoice: Invoice, terms: Terms, row: InvoiceRow, work: _Work) -> bool:
    if invoice.state != "draft":
        if invoice.terms != terms:
            invoice.revise(terms)
        return False
    if invoice.customer_id not in work.customers:
        # Moved by another import after its owner was looked up: that account is not locked.
        raise Refused(codes.CONFLICT, f"Invoice {row.number} is just being changed. Please try again.")
    description = row.description or (describe(row.lines) if row.lines else invoice.description)
    keeps_lines = not row.lines and terms.total_minor == invoice.total_minor and description == invoice.description
    lines = work.known_lines[invoice.invoice_id] if keeps_lines else _proposed_lines(row)
    if (terms, lines, description) == (invoice.terms, work.known_lines[invoice.invoice_id], invoice.description):
        return False
    invoice.revise(terms)
    invoice.description = description
    work.revised.append(invoice)
    if lines != work.known_lines[invoice.invoice_id]:
        work.lines[invoice.invoice_id] = lines
    return True


def _proposed_lines(row: InvoiceRow) -> list[InvoiceLine]:
    whole = InvoiceLine(
        description=row.description or f"Invoice {row.number}",
        unit_price_minor=row.total_minor,
        amount_minor=row.total_minor,
    )
    return list(row.lines) or [whole]


def _write(session: Session, work: _Work) -> set[str]:
    """Write everything and return the ids of new invoices whose number another import took meanwhile."""
    recorded = {
        invoice.invoice_id: events.invoice_sent(invoice, work.lines_of(invoice), origin="import")
        for invoice in work.sent
    }
    written = store.insert_invoices(session, work.created)
    lost = {invoice.invoice_id for invoice in work.created} - written
    changed = {invoice.invoice_id: invoice for invoice in [*work.revised, *work.sent]}
    created = {invoice.invoice_id for invoice in work.created}
    store.save_invoices(session, [invoice for key, invoice in changed.items() if key not in created])
    store.insert_lines(session, {key: work.lines[key] for key in work.lines if key in written})
    store.replace_lines(session, {key: work.lines[key] for key in work.lines if key not in created})
    sent = {invoice.invoice_id: invoice for invoice in work.sent if invoice.invoice_id not in lost}
    store.insert_words(session, {key: words_of_invoice(sent[key], work.lines_of(sent[key])) for key in sent}, sent)
    customers = {invoice.customer_id for invoice in sent.values()}
    applied = auto_apply(session, customers, rules=work.rules, origin="import", at=work.moment.now)
    record_many(session, [*(event for key, event in recorded.items() if key not in lost), *applied])
    return lost


def _taken(result: RowResult) -> RowResult:
    return RowResult(
        row=result.row,
        status="refused",
        code=codes.CONFLICT,
        message="Another import took this number at the same moment. Please repeat this one.",
    )
