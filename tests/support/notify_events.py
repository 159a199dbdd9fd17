"""What notify hears: each event as its owner would tell it, with single fields changed where a test needs it."""

from datetime import UTC, date, datetime, time
from typing import Any

import msgspec

from chassis.ids import new_id
from chassis.inbox import Delivery as Arrival
from contracts.billing import AllocationFact, InvoiceLine, InvoiceSent, InvoiceVoided, PaymentAllocated, VisitChanged
from contracts.identity import ContactChanged, LinkIssued, LinkToken
from contracts.payments import PaymentSucceeded
from contracts.wire import Envelope, Event

ANA = "0190a000-0000-7000-8000-00000000a7a0"
EXPIRES_AT = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)


def arrival(event: Event) -> Arrival:
    """An event as the broker delivers it."""
    envelope = Envelope(
        event_id=new_id(),
        name=event.event_name,
        schema_version=event.schema_version,
        occurred_at=datetime.now(UTC),
        aggregate_id="aggregate",
        aggregate_version=1,
        ordering_key=getattr(event, "customer_id", ""),
        correlation_id="",
        payload=msgspec.to_builtins(event),
    )
    return Arrival(envelope=envelope, body=msgspec.json.encode(envelope).decode())


def contact(email: str | None = "ana@example.com", version: int = 1, **changes: Any) -> ContactChanged:
    values: dict[str, Any] = {
        "customer_id": ANA,
        "version": version,
        "reference": "A-1",
        "name": "Ana Lima",
        "email": email,
        "phone": None,
        "address": None,
        "origin": "import",
    }
    return ContactChanged(**{**values, **changes})


def sent(invoice_id: str | None = None, **changes: Any) -> InvoiceSent:
    values: dict[str, Any] = {
        "invoice_id": invoice_id or new_id(),
        "customer_id": ANA,
        "number": "1042",
        "currency": "USD",
        "total_minor": 8450,
        "issued_on": date(2026, 3, 1),
        "due_on": date(2026, 3, 31),
        "sent_at": datetime(2026, 3, 1, 15, tzinfo=UTC),
        "effective_on": date(2026, 3, 1),
        "lines": [
            InvoiceLine(
                description="Mowing",
                unit_price_minor=4000,
                amount_minor=8000,
                quantity="2",
                serviced_on=date(2026, 2, 27),
            ),
            InvoiceLine(description="Edging", unit_price_minor=450, amount_minor=450),
        ],
        "memo": "Thank you for your business.",
        "origin": "portal",
    }
    return InvoiceSent(**{**values, **changes})


def voided(invoice_id: str, **changes: Any) -> InvoiceVoided:
    values: dict[str, Any] = {
        "invoice_id": invoice_id,
        "customer_id": ANA,
        "number": "1042",
        "currency": "USD",
        "total_minor": 8450,
        "was_sent": True,
        "reason": "sent twice",
        "effective_on": date(2026, 3, 2),
        "origin": "portal",
    }
    return InvoiceVoided(**{**values, **changes})


def paid(payment_id: str, **changes: Any) -> PaymentSucceeded:
    values: dict[str, Any] = {
        "payment_id": payment_id,
        "customer_id": ANA,
        "currency": "USD",
        "amount_minor": 10_000,
        "method": "card",
        "received_on": date(2026, 3, 5),
        "effective_on": date(2026, 3, 5),
        "invoices": [],
        "card_brand": "visa",
        "card_last4": "4242",
        "reference": "",
        "origin": "portal",
    }
    return PaymentSucceeded(**{**values, **changes})


def allocated(payment_id: str, **changes: Any) -> PaymentAllocated:
    values: dict[str, Any] = {
        "payment_id": payment_id,
        "customer_id": ANA,
        "currency": "USD",
        "allocations": [
            AllocationFact(
                allocation_id=new_id(),
                invoice_id=new_id(),
                invoice_number="1042",
                amount_minor=8450,
                effective_on=date(2026, 3, 5),
            )
        ],
        "credit_id": new_id(),
        "credit_minor": 1550,
        "effective_on": date(2026, 3, 5),
        "origin": "portal",
    }
    return PaymentAllocated(**{**values, **changes})


def visit(visit_id: str | None = None, **changes: Any) -> VisitChanged:
    values: dict[str, Any] = {
        "visit_id": visit_id or new_id(),
        "customer_id": ANA,
        "version": 1,
        "state": "scheduled",
        "scheduled_on": date(2026, 3, 18),
        "arrives_from": time(8),
        "arrives_until": time(10),
        "service": "Mowing",
        "address": "14 Elm St",
        "crew_note": "Please leave the gate open.",
        "origin": "portal",
    }
    return VisitChanged(**{**values, **changes})


def link(link_id: str, **changes: Any) -> LinkIssued:
    values: dict[str, Any] = {
        "link_id": link_id,
        "email": "ana@example.com",
        "name": "Ana Lima",
        "purpose": "sign_up",
        "expires_at": EXPIRES_AT,
        "customer_ids": [ANA],
    }
    return LinkIssued(**{**values, **changes})


def link_token(token: str, email: str = "ana@example.com") -> LinkToken:
    return LinkToken(token=token, email=email, expires_at=EXPIRES_AT)
