"""billing's facts."""

from datetime import date, datetime
from typing import Literal

from contracts.billing.credits import CreditKind
from contracts.billing.invoices import InvoiceLine
from contracts.imports import Origin
from contracts.wire import Event, View


class InvoiceSent(Event):
    """An invoice exists for the customer from now on and is owed. Effective on the day it was sent, an
    imported one on its issue date.
    """

    invoice_id: str
    customer_id: str
    number: str
    currency: str
    total_minor: int
    issued_on: date
    due_on: date
    sent_at: datetime
    effective_on: date
    lines: list[InvoiceLine]
    memo: str
    origin: Origin


class InvoiceVoided(Event):
    """An invoice no longer counts. Listeners that have not seen it sent remember this and ignore a late `sent`."""

    invoice_id: str
    customer_id: str
    number: str
    currency: str
    total_minor: int
    was_sent: bool
    reason: str
    effective_on: date
    origin: Origin


class AllocationFact(View):
    """An allocation as events carry it: amount in minor units, effective on the later of both sides' days."""

    allocation_id: str
    invoice_id: str
    invoice_number: str
    amount_minor: int
    effective_on: date


class PaymentAllocated(Event):
    """A payment was put on invoices; what was left over is the credit `credit_id` of `credit_minor`."""

    payment_id: str
    customer_id: str
    currency: str
    allocations: list[AllocationFact]
    credit_id: str | None
    credit_minor: int
    effective_on: date
    origin: Origin


class CreditCreated(Event):
    """A credit exists. Only kind `goodwill` is new money owed; the others come from a payment or a voided
    invoice (`source_id`) that the ledger has already.
    """

    credit_id: str
    customer_id: str
    kind: CreditKind
    currency: str
    amount_minor: int
    reason: str
    source_id: str | None
    effective_on: date
    origin: Origin


class CreditApplied(Event):
    """Parts of one credit were put on invoices."""

    credit_id: str
    customer_id: str
    currency: str
    allocations: list[AllocationFact]
    origin: Origin


class AllocationsReversed(Event):
    """Allocations on one invoice stopped counting, for example because it was voided. Amounts are what they were."""

    reversal_id: str
    invoice_id: str
    customer_id: str
    currency: str
    allocations: list[AllocationFact]
    reason: str
    effective_on: date
    origin: Origin


class CreditPart(View):
    """Part of a credit, in minor units."""

    credit_id: str
    amount_minor: int


class ReopenedInvoice(View):
    """An invoice on which something is owed again, and how much in all."""

    invoice_id: str
    number: str
    open_minor: int


class PaymentTakenBack(Event):
    """Money of a payment that had left again was taken from where it was: from credits, and from invoices, which are
    open again. Their allocations were reversed with events of their own before this one.
    """

    return_id: str
    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
    kind: Literal["refund", "dispute"]
    credits: list[CreditPart]
    reopened: list[ReopenedInvoice]
    effective_on: date
