"""The owners as balance asks them: archives, and how billing and payments stand, made from the events themselves."""

from collections import Counter
from collections.abc import Iterator

from contracts.billing import (
    AllocatedPayment,
    AllocationsReversed,
    CreditApplied,
    CreditCreated,
    InvoiceSent,
    InvoiceVoided,
    OpenAmount,
    OpenCredits,
    PaymentAllocated,
)
from contracts.payments import PaymentSucceeded, SucceededPayment
from contracts.wire import Event
from services.billing.balance.owners import Facts


class FakeOwners:
    """billing and payments that stand where their events have led them; what they say now can be set otherwise.

    `chunk` is how many events a part of the archive has.
    """

    def __init__(self, facts: Facts, *, chunk: int = 3) -> None:
        self.facts = list(facts)
        self.chunk = chunk
        events = [event for event, _ in self.facts]
        self.open = _open_amounts(events)
        self.credits = _open_credits(events)
        self.succeeded = [
            SucceededPayment(
                payment_id=event.payment_id, customer_id=event.customer_id, amount_minor=event.amount_minor
            )
            for event in events
            if isinstance(event, PaymentSucceeded)
        ]
        amounts = {payment.payment_id: payment.amount_minor for payment in self.succeeded}
        self.allocated = [
            AllocatedPayment(
                payment_id=event.payment_id,
                customer_id=event.customer_id,
                amount_minor=amounts.get(event.payment_id, 0),
                placed_minor=sum(part.amount_minor for part in event.allocations) + event.credit_minor,
            )
            for event in events
            if isinstance(event, PaymentAllocated)
        ]

    def archive(self, *, after: str, up_to: str | None) -> Iterator[Facts]:
        found = sorted(
            (fact for fact in self.facts if after < fact[1].event_id and (up_to is None or fact[1].event_id <= up_to)),
            key=lambda fact: fact[1].event_id,
        )
        for start in range(0, len(found), self.chunk):
            yield found[start : start + self.chunk]

    def open_amounts(self) -> Iterator[OpenAmount]:
        yield from sorted(self.open, key=lambda amount: amount.invoice_id)

    def open_credits(self) -> Iterator[OpenCredits]:
        yield from sorted(self.credits, key=lambda left: left.customer_id)

    def allocated_payments(self) -> Iterator[AllocatedPayment]:
        yield from sorted(self.allocated, key=lambda payment: payment.payment_id)

    def succeeded_payments(self) -> Iterator[SucceededPayment]:
        yield from sorted(self.succeeded, key=lambda payment: payment.payment_id)


def _open_amounts(events: list[Event]) -> list[OpenAmount]:
    open_minor: Counter[str] = Counter()
    invoices: dict[str, InvoiceSent] = {}
    for event in events:
        match event:
            case InvoiceSent():
                invoices[event.invoice_id] = event
                open_minor[event.invoice_id] += event.total_minor
            case InvoiceVoided():
                open_minor[event.invoice_id] -= event.total_minor
            case PaymentAllocated() | CreditApplied():
                for part in event.allocations:
                    open_minor[part.invoice_id] -= part.amount_minor
            case AllocationsReversed():
                for part in event.allocations:
                    open_minor[part.invoice_id] += part.amount_minor
    return [
        OpenAmount(
            invoice_id=invoice_id,
            number=invoices[invoice_id].number,
            customer_id=invoices[invoice_id].customer_id,
            open_minor=minor,
        )
        for invoice_id, minor in open_minor.items()
        if minor
    ]


def _open_credits(events: list[Event]) -> list[OpenCredits]:
    left_minor: Counter[str] = Counter()
    for event in events:
        match event:
            case PaymentSucceeded():
                left_minor[event.customer_id] += event.amount_minor
            case CreditCreated(kind="goodwill"):
                left_minor[event.customer_id] += event.amount_minor
            case PaymentAllocated() | CreditApplied():
                left_minor[event.customer_id] -= sum(part.amount_minor for part in event.allocations)
            case AllocationsReversed():
                left_minor[event.customer_id] += sum(part.amount_minor for part in event.allocations)
    return [OpenCredits(customer_id=customer, open_minor=minor) for customer, minor in left_minor.items() if minor]
