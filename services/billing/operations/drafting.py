"""Writing invoices that nobody else sees yet."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.idempotency import once
from chassis.ids import new_id
from contracts import codes
from contracts.billing import CreateInvoice, InvoiceLine, InvoiceView
from contracts.wire import Refused
from services.billing import queries, store
from services.billing.domain import limits
from services.billing.domain.invoice import Invoice
from services.billing.domain.rules import Moment, OwnerRules


def create_invoice(session: Session, command: CreateInvoice, *, rules: OwnerRules, moment: Moment) -> InvoiceView:
    """Write a draft, once per key. Without a number it gets the next of the sequence."""
    limits.check_id(command.customer_id, "customer_id")
    limits.check_dates(issued_on=command.issued_on, due_on=command.due_on)
    limits.check_text(command.memo, "memo")
    total_minor = limits.check_lines(command.lines)
    if command.number is not None:
        limits.check_number(command.number)
    store.lock_account(session, command.customer_id)
    return once(session, command.key, command, lambda: _create(session, command, total_minor, rules, moment))


def describe(lines: Sequence[InvoiceLine]) -> str:
    """Return the line that stands for an invoice in lists."""
    first = lines[0].description
    return first if len(lines) == 1 else f"{first} + {len(lines) - 1} more"


def _create(
    session: Session, command: CreateInvoice, total_minor: int, rules: OwnerRules, moment: Moment
) -> InvoiceView:
    invoice = Invoice(
        invoice_id=new_id(),
        customer_id=command.customer_id,
        number=command.number or store.take_number(session),
        currency=rules.currency,
        total_minor=total_minor,
        issued_on=command.issued_on,
        due_on=command.due_on,
        created_at=moment.now,
        description=describe(command.lines),
        memo=command.memo,
    )
    while not store.insert_invoices(session, [invoice]):
        if command.number is not None:
            raise Refused(codes.CONFLICT, f"There is an invoice {command.number} already.", field="number")
        # An import took the number in this very moment; the sequence knows it by now.
        invoice.number = store.take_number(session)
    store.insert_lines(session, {invoice.invoice_id: command.lines})
    return queries.invoice_for_business(session, invoice.invoice_id, today=moment.today)
