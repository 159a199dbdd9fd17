"""Voiding: an invoice counts no longer, and what was put on it is the customer's again."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from chassis.ids import new_id
from chassis.outbox import NewEvent, record_many
from contracts import codes
from contracts.billing import InvoiceView, VoidInvoice
from contracts.wire import Refused
from services.billing import events, queries, store
from services.billing.domain import limits
from services.billing.domain.allocation import Allocation
from services.billing.domain.invoice import Invoice
from services.billing.domain.rules import Moment, OwnerRules
from services.billing.operations.crediting import auto_apply, open_credit
from services.billing.operations.sending import lock_owners


def void_invoice(session: Session, command: VoidInvoice, *, rules: OwnerRules, moment: Moment) -> InvoiceView:
    """Void a draft or sent invoice; voiding a void one changes nothing and answers it again.

    What payments and credits had put on it becomes one new credit. Refused with `wrong_state` while a payment on
    it is on its way.
    """
    limits.check_text(command.reason, "reason")
    invoice = lock_owners(session, [command.invoice_id]).get(command.invoice_id)
    if invoice is None:
        raise Refused(codes.NOT_FOUND, "There is no such invoice.")
    if invoice.state != "void":
        record_many(session, _void(session, invoice, command.reason, rules=rules, moment=moment))
    return queries.invoice_for_business(session, invoice.invoice_id, today=moment.today)


def _void(session: Session, invoice: Invoice, reason: str, *, rules: OwnerRules, moment: Moment) -> list[NewEvent]:
    being_paid = bool(store.being_paid(session, [invoice.invoice_id]))
    allocations = store.live_allocations(session, invoice.invoice_id)
    # Not before what it undoes: a posting must not be undone on a day when it was not made yet.
    effective_on = max(
        [moment.today, invoice.effective_on or moment.today, *(part.effective_on for part in allocations)]
    )
    reversal_id = new_id()
    for allocation in allocations:
        allocation.reverse(reversal_id=reversal_id, at=moment.now)
        invoice.take_back(allocation.amount_minor)
    invoice.void(at=moment.now, reason=reason, being_paid=being_paid)
    recorded = []
    if allocations:
        recorded.append(
            events.allocations_reversed(
                invoice, allocations, reversal_id=reversal_id, reason=reason, effective_on=effective_on
            )
        )
    recorded.append(events.invoice_voided(invoice, effective_on=effective_on))
    store.save_allocations(session, allocations)
    store.save_invoices(session, [invoice])
    return recorded + _give_back(session, invoice, allocations, granted_on=effective_on, rules=rules, moment=moment)


def _give_back(
    session: Session,
    invoice: Invoice,
    allocations: Sequence[Allocation],
    *,
    granted_on: date,
    rules: OwnerRules,
    moment: Moment,
) -> list[NewEvent]:
    if not allocations:
        return []
    _, created = open_credit(
        session,
        kind="voided_invoice",
        customer_id=invoice.customer_id,
        currency=invoice.currency,
        amount_minor=sum(allocation.amount_minor for allocation in allocations),
        granted_on=granted_on,
        source_id=invoice.invoice_id,
        reason=f"Invoice {invoice.number} was voided",
        origin="portal",
        at=moment.now,
    )
    return [created, *auto_apply(session, [invoice.customer_id], rules=rules, origin="portal", at=moment.now)]
