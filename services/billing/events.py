"""billing's events, made from its objects: everything that the listeners need, so that none must call back.

Making one counts up the version of the invoice or credit that it is about: write the object after it.
"""

from collections.abc import Sequence
from datetime import date

from chassis.outbox import NewEvent
from contracts.billing import (
    AllocationFact,
    AllocationsReversed,
    CreditApplied,
    CreditCreated,
    CreditPart,
    InvoiceLine,
    InvoiceSent,
    InvoiceVoided,
    PaymentAllocated,
    PaymentTakenBack,
    ReopenedInvoice,
)
from contracts.imports import Origin
from contracts.payments import MoneyReturned, PaymentSucceeded
from services.billing.domain.allocation import Allocation
from services.billing.domain.credit import Credit
from services.billing.domain.invoice import Invoice


def invoice_sent(invoice: Invoice, lines: Sequence[InvoiceLine], *, origin: Origin) -> NewEvent:
    """The invoice is owed from now on."""
    if invoice.sent_at is None or invoice.effective_on is None:
        raise ValueError(f"invoice {invoice.invoice_id} was not sent")
    event = InvoiceSent(
        invoice_id=invoice.invoice_id,
        customer_id=invoice.customer_id,
        number=invoice.number,
        currency=invoice.currency,
        total_minor=invoice.total_minor,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        sent_at=invoice.sent_at,
        effective_on=invoice.effective_on,
        lines=list(lines),
        memo=invoice.memo,
        origin=origin,
    )
    return _of_invoice(event, invoice)


def invoice_voided(invoice: Invoice, *, effective_on: date, origin: Origin = "portal") -> NewEvent:
    """The invoice counts no longer; whether it ever did, `was_sent` says."""
    event = InvoiceVoided(
        invoice_id=invoice.invoice_id,
        customer_id=invoice.customer_id,
        number=invoice.number,
        currency=invoice.currency,
        total_minor=invoice.total_minor,
        was_sent=invoice.was_sent,
        reason=invoice.void_reason,
        effective_on=effective_on,
        origin=origin,
    )
    return _of_invoice(event, invoice)


def allocations_reversed(
    invoice: Invoice,
    allocations: Sequence[Allocation],
    *,
    reversal_id: str,
    reason: str,
    effective_on: date,
    origin: Origin = "portal",
) -> NewEvent:
    """What was put on the invoice counts no longer."""
    event = AllocationsReversed(
        reversal_id=reversal_id,
        invoice_id=invoice.invoice_id,
        customer_id=invoice.customer_id,
        currency=invoice.currency,
        allocations=_facts(allocations),
        reason=reason,
        effective_on=effective_on,
        origin=origin,
    )
    return _of_invoice(event, invoice)


def payment_allocated(payment: PaymentSucceeded, allocations: Sequence[Allocation], credit: Credit | None) -> NewEvent:
    """The payment was put on invoices, and what was left over became a credit."""
    event = PaymentAllocated(
        payment_id=payment.payment_id,
        customer_id=payment.customer_id,
        currency=payment.currency,
        allocations=_facts(allocations),
        credit_id=credit.credit_id if credit else None,
        credit_minor=credit.amount_minor if credit else 0,
        effective_on=payment.effective_on,
        origin=payment.origin,
    )
    return NewEvent(event=event, aggregate_id=payment.payment_id, aggregate_version=1, ordering_key=payment.customer_id)


def credit_created(credit: Credit) -> NewEvent:
    """The credit exists."""
    event = CreditCreated(
        credit_id=credit.credit_id,
        customer_id=credit.customer_id,
        kind=credit.kind,
        currency=credit.currency,
        amount_minor=credit.amount_minor,
        reason=credit.reason,
        source_id=credit.source_id,
        effective_on=credit.granted_on,
        origin=credit.origin,
    )
    return _of_credit(event, credit)


def credit_applied(credit: Credit, allocations: Sequence[Allocation], *, origin: Origin) -> NewEvent:
    """Parts of the credit were put on invoices."""
    event = CreditApplied(
        credit_id=credit.credit_id,
        customer_id=credit.customer_id,
        currency=credit.currency,
        allocations=_facts(allocations),
        origin=origin,
    )
    return _of_credit(event, credit)


def payment_taken_back(
    returned: MoneyReturned, *, credits: Sequence[CreditPart], reopened: Sequence[Invoice]
) -> NewEvent:
    """Where the money was taken from."""
    event = PaymentTakenBack(
        return_id=returned.return_id,
        payment_id=returned.payment_id,
        customer_id=returned.customer_id,
        currency=returned.currency,
        amount_minor=returned.amount_minor,
        kind=returned.kind,
        credits=list(credits),
        reopened=[
            ReopenedInvoice(invoice_id=invoice.invoice_id, number=invoice.number, open_minor=invoice.open_minor)
            for invoice in reopened
        ],
        effective_on=returned.effective_on,
    )
    return NewEvent(
        event=event, aggregate_id=returned.return_id, aggregate_version=1, ordering_key=returned.customer_id
    )


def _facts(allocations: Sequence[Allocation]) -> list[AllocationFact]:
    return [
        AllocationFact(
            allocation_id=allocation.allocation_id,
            invoice_id=allocation.invoice_id,
            invoice_number=allocation.invoice_number,
            amount_minor=allocation.amount_minor,
            effective_on=allocation.effective_on,
        )
        for allocation in allocations
    ]


def _of_invoice(event: InvoiceSent | InvoiceVoided | AllocationsReversed, invoice: Invoice) -> NewEvent:
    return NewEvent(
        event=event,
        aggregate_id=invoice.invoice_id,
        aggregate_version=invoice.next_version(),
        ordering_key=invoice.customer_id,
    )


def _of_credit(event: CreditCreated | CreditApplied, credit: Credit) -> NewEvent:
    return NewEvent(
        event=event,
        aggregate_id=credit.credit_id,
        aggregate_version=credit.next_version(),
        ordering_key=credit.customer_id,
    )
