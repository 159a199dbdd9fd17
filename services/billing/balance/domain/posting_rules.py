"""Which event posts what. docs/ledger.md is the same table for people."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import singledispatch
from itertools import chain

from contracts.billing import (
    AllocationFact,
    AllocationsReversed,
    CreditApplied,
    CreditCreated,
    InvoiceLine,
    InvoiceSent,
    InvoiceVoided,
    PaymentAllocated,
)
from contracts.payments import MoneyRestored, MoneyReturned, PaymentSucceeded, brand_name
from contracts.wire import Envelope, Event
from services.billing.balance.domain.ledger import LedgerAccount, Posting, Transaction, TransactionKind, entry

DESCRIBED_LINES = 3
"""So many different lines of an invoice are named in the account history."""

METHOD_NAMES = {"card": "Card", "cash": "Cash", "check": "Check", "bank": "Bank transfer", "other": "Payment"}


def transaction_for(event: Event, envelope: Envelope) -> Transaction | None:
    """The transaction that `event` posts, or None for one that moves no money of the ledger.

    Depends on the event alone, so that a rebuild from the archives comes out the same.
    """
    return _post(event, envelope)


@singledispatch
def _post(event: Event, envelope: Envelope) -> Transaction | None:
    raise TypeError(f"the ledger has no rule for {type(event).__name__}")


@_post.register
def _(event: InvoiceSent, envelope: Envelope) -> Transaction | None:
    if event.total_minor == 0:
        return None
    return Transaction(
        event_id=envelope.event_id,
        kind=TransactionKind.INVOICE,
        source_id=event.invoice_id,
        customer_id=event.customer_id,
        currency=event.currency,
        reference=event.number,
        description=_described(event.lines),
        effective_on=event.effective_on,
        occurred_at=envelope.occurred_at,
        postings=entry(
            debit=LedgerAccount.RECEIVABLE,
            credit=LedgerAccount.REVENUE,
            amount_minor=event.total_minor,
            effective_on=event.effective_on,
            invoice_id=event.invoice_id,
        ),
        due_on=event.due_on,
    )


@_post.register
def _(event: InvoiceVoided, envelope: Envelope) -> Transaction | None:
    if not event.was_sent or event.total_minor == 0:
        return None
    return Transaction(
        event_id=envelope.event_id,
        kind=TransactionKind.VOID,
        source_id=event.invoice_id,
        customer_id=event.customer_id,
        currency=event.currency,
        reference=event.number,
        description=event.reason,
        effective_on=event.effective_on,
        occurred_at=envelope.occurred_at,
        postings=entry(
            debit=LedgerAccount.REVENUE,
            credit=LedgerAccount.RECEIVABLE,
            amount_minor=event.total_minor,
            effective_on=event.effective_on,
            invoice_id=event.invoice_id,
        ),
    )


@_post.register
def _(event: PaymentSucceeded, envelope: Envelope) -> Transaction | None:
    return Transaction(
        event_id=envelope.event_id,
        kind=TransactionKind.PAYMENT,
        source_id=event.payment_id,
        customer_id=event.customer_id,
        currency=event.currency,
        reference=event.reference,
        description=_method_of(event),
        effective_on=event.effective_on,
        occurred_at=envelope.occurred_at,
        postings=entry(
            debit=LedgerAccount.CASH,
            credit=LedgerAccount.CUSTOMER_CREDIT,
            amount_minor=event.amount_minor,
            effective_on=event.effective_on,
        ),
    )


@_post.register
def _(event: PaymentAllocated, envelope: Envelope) -> Transaction | None:
    # Recorded without postings too: it says that billing has dealt with the payment.
    return Transaction(
        event_id=envelope.event_id,
        kind=TransactionKind.ALLOCATION,
        source_id=event.payment_id,
        customer_id=event.customer_id,
        currency=event.currency,
        reference="",
        description="",
        effective_on=event.effective_on,
        occurred_at=envelope.occurred_at,
        postings=_applied(event.allocations),
    )


@_post.register
def _(event: CreditCreated, envelope: Envelope) -> Transaction | None:
    if event.kind != "goodwill":
        return _kept(event, envelope)
    return Transaction(
        event_id=envelope.event_id,
        kind=TransactionKind.CREDIT,
        source_id=event.credit_id,
        customer_id=event.customer_id,
        currency=event.currency,
        reference="",
        description=event.reason,
        effective_on=event.effective_on,
        occurred_at=envelope.occurred_at,
        postings=entry(
            debit=LedgerAccount.CREDITS_GIVEN,
            credit=LedgerAccount.CUSTOMER_CREDIT,
            amount_minor=event.amount_minor,
            effective_on=event.effective_on,
        ),
    )


def _kept(event: CreditCreated, envelope: Envelope) -> Transaction | None:
    # Its money came with the payment, or comes back with the reversal of the voided invoice's allocations: nothing is
    # posted. Where it came from is kept, so that a statement can follow a payment's rest to the invoices it paid.
    if event.source_id is None:
        return None
    return Transaction(
        event_id=envelope.event_id,
        kind=TransactionKind.CREDIT_KEPT,
        source_id=event.credit_id,
        customer_id=event.customer_id,
        currency=event.currency,
        reference=event.source_id,
        description="",
        effective_on=event.effective_on,
        occurred_at=envelope.occurred_at,
        postings=(),
    )


@_post.register
def _(event: CreditApplied, envelope: Envelope) -> Transaction | None:
    return Transaction(
        event_id=envelope.event_id,
        kind=TransactionKind.CREDIT_APPLIED,
        source_id=event.credit_id,
        customer_id=event.customer_id,
        currency=event.currency,
        reference="",
        description="",
        effective_on=max(allocation.effective_on for allocation in event.allocations),
        occurred_at=envelope.occurred_at,
        postings=_applied(event.allocations),
    )


@_post.register
def _(event: AllocationsReversed, envelope: Envelope) -> Transaction | None:
    returned = (
        entry(
            debit=LedgerAccount.RECEIVABLE,
            credit=LedgerAccount.CUSTOMER_CREDIT,
            amount_minor=allocation.amount_minor,
            effective_on=event.effective_on,
            invoice_id=allocation.invoice_id,
            allocation_id=allocation.allocation_id,
        )
        for allocation in event.allocations
    )
    return Transaction(
        event_id=envelope.event_id,
        kind=TransactionKind.REVERSAL,
        source_id=event.reversal_id,
        customer_id=event.customer_id,
        currency=event.currency,
        reference="",
        description=event.reason,
        effective_on=event.effective_on,
        occurred_at=envelope.occurred_at,
        postings=tuple(chain.from_iterable(returned)),
    )


@_post.register
def _(event: MoneyReturned, envelope: Envelope) -> Transaction | None:
    return Transaction(
        event_id=envelope.event_id,
        kind=TransactionKind.REFUND if event.kind == "refund" else TransactionKind.DISPUTE,
        source_id=event.payment_id,
        customer_id=event.customer_id,
        currency=event.currency,
        reference="",
        description=_card_name(event.card_brand, event.card_last4),
        effective_on=event.effective_on,
        occurred_at=envelope.occurred_at,
        postings=entry(
            debit=LedgerAccount.CUSTOMER_CREDIT,
            credit=LedgerAccount.CASH,
            amount_minor=event.amount_minor,
            effective_on=event.effective_on,
        ),
    )


@_post.register
def _(event: MoneyRestored, envelope: Envelope) -> Transaction | None:
    return Transaction(
        event_id=envelope.event_id,
        kind=TransactionKind.RESTORED,
        source_id=event.payment_id,
        customer_id=event.customer_id,
        currency=event.currency,
        reference="",
        description="",
        effective_on=event.effective_on,
        occurred_at=envelope.occurred_at,
        postings=entry(
            debit=LedgerAccount.CASH,
            credit=LedgerAccount.CUSTOMER_CREDIT,
            amount_minor=event.amount_minor,
            effective_on=event.effective_on,
        ),
    )


def _applied(allocations: Iterable[AllocationFact]) -> tuple[Posting, ...]:
    entries = (
        entry(
            debit=LedgerAccount.CUSTOMER_CREDIT,
            credit=LedgerAccount.RECEIVABLE,
            amount_minor=allocation.amount_minor,
            effective_on=allocation.effective_on,
            invoice_id=allocation.invoice_id,
            allocation_id=allocation.allocation_id,
        )
        for allocation in allocations
    )
    return tuple(chain.from_iterable(entries))


def _described(lines: Sequence[InvoiceLine]) -> str:
    """What was done, each thing once: "Mowing ×2, Edging"."""
    times = Counter(line.description for line in lines)
    named = [what if count == 1 else f"{what} ×{count}" for what, count in times.items()]
    return ", ".join(named[:DESCRIBED_LINES]) + (" …" if len(named) > DESCRIBED_LINES else "")


def _method_of(event: PaymentSucceeded) -> str:
    if event.method == "card" and event.card_last4:
        return _card_name(event.card_brand, event.card_last4)
    return METHOD_NAMES[event.method]


def _card_name(brand: str | None, last4: str | None) -> str:
    return f"{brand_name(brand)} ·· {last4}" if last4 else ""
