"""Builders of the events that balance hears, as their owners publish them."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import msgspec

from chassis.ids import new_id
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
from contracts.payments import MoneyRestored, MoneyReturned, PaymentSucceeded, ReturnKind
from contracts.wire import Envelope, Event

CUSTOMER = "0190a000-0000-7000-8000-000000000001"
_ticks = count()


def fact(event: Event) -> tuple[Event, Envelope]:
    """The event in an envelope of its own, a second later than the one before."""
    envelope = Envelope(
        event_id=new_id(),
        name=event.event_name,
        schema_version=event.schema_version,
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(_ticks)),
        aggregate_id="aggregate",
        aggregate_version=1,
        ordering_key=getattr(event, "customer_id", ""),
        correlation_id="",
        payload=msgspec.to_builtins(event),
    )
    return event, envelope


def sent(
    invoice_id: str,
    total_minor: int,
    *,
    sent_on: date = date(2026, 3, 1),
    due_on: date = date(2026, 3, 31),
    customer_id: str = CUSTOMER,
) -> InvoiceSent:
    return InvoiceSent(
        invoice_id=invoice_id,
        customer_id=customer_id,
        number=f"N-{invoice_id}",
        currency="USD",
        total_minor=total_minor,
        issued_on=sent_on,
        due_on=due_on,
        sent_at=datetime.combine(sent_on, datetime.min.time(), tzinfo=UTC),
        effective_on=sent_on,
        lines=[InvoiceLine(description="Mowing", unit_price_minor=total_minor, amount_minor=total_minor)],
        memo="",
        origin="portal",
    )


def voided(invoice_id: str, total_minor: int, *, voided_on: date = date(2026, 4, 1)) -> InvoiceVoided:
    return InvoiceVoided(
        invoice_id=invoice_id,
        customer_id=CUSTOMER,
        number=f"N-{invoice_id}",
        currency="USD",
        total_minor=total_minor,
        was_sent=True,
        reason="sent twice",
        effective_on=voided_on,
        origin="portal",
    )


def paid(
    payment_id: str, amount_minor: int, *, received_on: date = date(2026, 3, 10), customer_id: str = CUSTOMER
) -> PaymentSucceeded:
    return PaymentSucceeded(
        payment_id=payment_id,
        customer_id=customer_id,
        currency="USD",
        amount_minor=amount_minor,
        method="card",
        received_on=received_on,
        effective_on=received_on,
        invoices=[],
        card_brand="visa",
        card_last4="4242",
        reference="",
        origin="portal",
    )


def allocation(invoice_id: str, amount_minor: int, *, effective_on: date = date(2026, 3, 10)) -> AllocationFact:
    return AllocationFact(
        allocation_id=new_id(),
        invoice_id=invoice_id,
        invoice_number=f"N-{invoice_id}",
        amount_minor=amount_minor,
        effective_on=effective_on,
    )


def allocated(
    payment_id: str, allocations: list[AllocationFact], *, credit_minor: int = 0, customer_id: str = CUSTOMER
) -> PaymentAllocated:
    return PaymentAllocated(
        payment_id=payment_id,
        customer_id=customer_id,
        currency="USD",
        allocations=allocations,
        credit_id=new_id() if credit_minor else None,
        credit_minor=credit_minor,
        effective_on=date(2026, 3, 10),
        origin="portal",
    )


def credit(
    credit_id: str,
    amount_minor: int,
    *,
    kind: str = "goodwill",
    source_id: str | None = None,
    granted_on: date = date(2026, 3, 5),
) -> CreditCreated:
    return CreditCreated(
        credit_id=credit_id,
        customer_id=CUSTOMER,
        kind=kind,  # type: ignore[arg-type]
        currency="USD",
        amount_minor=amount_minor,
        reason="missed a visit",
        source_id=source_id,
        effective_on=granted_on,
        origin="portal",
    )


def applied(credit_id: str, allocations: list[AllocationFact]) -> CreditApplied:
    return CreditApplied(
        credit_id=credit_id, customer_id=CUSTOMER, currency="USD", allocations=allocations, origin="portal"
    )


def reversed_allocations(allocations: list[AllocationFact], *, on: date = date(2026, 4, 1)) -> AllocationsReversed:
    return AllocationsReversed(
        reversal_id=new_id(),
        invoice_id=allocations[0].invoice_id,
        customer_id=CUSTOMER,
        currency="USD",
        allocations=allocations,
        reason="void",
        effective_on=on,
        origin="portal",
    )


def returned(
    payment_id: str, amount_minor: int, *, kind: ReturnKind = "refund", on: date = date(2026, 4, 1)
) -> MoneyReturned:
    return MoneyReturned(
        return_id=f"return-of-{payment_id}",
        payment_id=payment_id,
        customer_id=CUSTOMER,
        currency="USD",
        amount_minor=amount_minor,
        kind=kind,
        effective_on=on,
        card_brand="visa",
        card_last4="4242",
    )


def restored(payment_id: str, amount_minor: int, *, on: date = date(2026, 4, 9)) -> MoneyRestored:
    return MoneyRestored(
        return_id=f"return-of-{payment_id}",
        payment_id=payment_id,
        customer_id=CUSTOMER,
        currency="USD",
        amount_minor=amount_minor,
        kind="dispute",
        effective_on=on,
    )
