"""Sending: from here on an invoice exists for its customer and is owed."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from chassis.outbox import record_many
from contracts import codes
from contracts.billing import InvoiceView, SendInvoice, SendInvoices
from contracts.imports import RowResult
from contracts.wire import Refused
from services.billing import events, queries, store
from services.billing.domain import limits
from services.billing.domain.invoice import Invoice
from services.billing.domain.rules import Moment, OwnerRules
from services.billing.domain.words import words_of_invoice
from services.billing.operations.crediting import auto_apply


def send_invoice(session: Session, command: SendInvoice, *, rules: OwnerRules, moment: Moment) -> InvoiceView:
    """Make a draft visible and owed. Sending a sent one changes nothing and answers it again."""
    (result,) = _send(session, [command.invoice_id], rules=rules, moment=moment)
    if result.code is not None:
        raise Refused(result.code, result.message or "")
    return queries.invoice_for_business(session, command.invoice_id, today=moment.today)


def send_invoices(session: Session, command: SendInvoices, *, rules: OwnerRules, moment: Moment) -> list[RowResult]:
    """Send many drafts, each for itself: one that is refused does not stop the others. Rows count from 1."""
    limits.check_row_count(command.invoice_ids, "invoice_ids")
    return _send(session, command.invoice_ids, rules=rules, moment=moment)


def lock_owners(session: Session, invoice_ids: Collection[str]) -> dict[str, Invoice]:
    """Lock the accounts that invoices belong to and return the invoices, by id, as they are under the lock.

    One that an import moves to another customer at this moment is refused with `conflict`: its new owner is
    not locked.
    """
    owners = store.owners_by_id(session, invoice_ids)
    store.lock_accounts(session, owners.values())
    invoices = store.invoices_by_id(session, owners)
    for invoice in invoices.values():
        if invoice.customer_id != owners[invoice.invoice_id]:
            raise Refused(codes.CONFLICT, f"Invoice {invoice.number} is just being changed. Please try again.")
    return invoices


def _send(session: Session, invoice_ids: list[str], *, rules: OwnerRules, moment: Moment) -> list[RowResult]:
    invoices = lock_owners(session, invoice_ids)
    sent: dict[str, Invoice] = {}
    results = []
    for row, invoice_id in enumerate(invoice_ids, start=1):
        invoice = invoices.get(invoice_id)
        try:
            if invoice is None:
                raise Refused(codes.NOT_FOUND, "There is no such invoice.")
            if invoice.state == "sent":
                results.append(RowResult(row=row, status="unchanged", id=invoice_id, state="sent"))
                continue
            invoice.send(at=moment.now, effective_on=moment.today)
        except Refused as refused:
            state = invoice.state if invoice else None
            results.append(
                RowResult(
                    row=row, status="refused", id=invoice_id, state=state, code=refused.code, message=refused.message
                )
            )
            continue
        sent[invoice_id] = invoice
        results.append(RowResult(row=row, status="updated", id=invoice_id, state="sent"))
    lines = store.lines_of(session, sent)
    recorded = [events.invoice_sent(invoice, lines[invoice.invoice_id], origin="portal") for invoice in sent.values()]
    store.save_invoices(session, list(sent.values()))
    store.insert_words(session, {key: words_of_invoice(sent[key], lines[key]) for key in sent}, sent)
    customers = {invoice.customer_id for invoice in sent.values()}
    recorded += auto_apply(session, customers, rules=rules, origin="portal", at=moment.now)
    record_many(session, recorded)
    return results
