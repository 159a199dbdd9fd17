"""A billing to test with: the service's own entrypoints on a real database, with a clock that is set by hand."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from nameko.testing.services import worker_factory
from sqlalchemy import select

from chassis.clock import BusinessClock, SystemClock
from chassis.database import Database
from chassis.ids import new_id
from chassis.tables import outbox
from contracts import billing as wire
from contracts.imports import Origin, RowResult
from contracts.payments import (
    MoneyRestored,
    MoneyReturned,
    PaidInvoice,
    PaymentCancelled,
    PaymentFailed,
    PaymentMethod,
    PaymentSucceeded,
    ReturnKind,
)
from contracts.wire import Command, Envelope, Event
from services.billing.service import BillingService
from services.billing.settings import BillingSettings

Answer = TypeVar("Answer")
AnyEvent = TypeVar("AnyEvent", bound=Event)

CUSTOMER = "0190b000-0000-7000-8000-00000000000a"
NEIGHBOUR = "0190b000-0000-7000-8000-00000000000b"
TODAY = date(2026, 3, 10)


class HandSetClock(SystemClock):
    """Shows noon UTC of the day that it was set to."""

    def __init__(self, today: date) -> None:
        self.today = today

    def now(self) -> datetime:
        return datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)


class Billing:
    """Asks the service's entrypoints, lets its listeners hear events, and reads the events that it recorded."""

    def __init__(self, database: Database, *, today: date = TODAY, **settings: Any) -> None:
        self.database = database
        self.system_clock = HandSetClock(today)
        self.service: Any = worker_factory(
            BillingService,
            db=database,
            clock=BusinessClock("America/New_York", self.system_clock),
            settings=BillingSettings(
                broker_url="memory://", database_url=database.url, link_secret="a-secret-of-tests", **settings
            ),
        )

    @property
    def today(self) -> date:
        return self.system_clock.today

    @today.setter
    def today(self, day: date) -> None:
        self.system_clock.today = day

    def ask(self, command: Command[Answer]) -> Answer:
        """What the service answers; raises what it refuses."""
        answer: Answer = getattr(self.service, command.method)(command)
        return answer

    def hear(self, *events: Event) -> None:
        """Let billing's listener take the events in one transaction, as one batch of its inbox."""
        with self.database.transaction() as session:
            for event in events:
                getattr(self.service, event.fact)(session, event, None)

    def events(self, kind: type[AnyEvent]) -> list[AnyEvent]:
        """The events of one kind that billing has recorded, oldest first."""
        return [msgspec.convert(item.payload, kind) for item in self.envelopes() if item.name == kind.event_name]

    def envelopes(self) -> list[Envelope]:
        """Every event that billing has recorded, oldest first."""
        with self.database.read() as session:
            bodies = session.scalars(select(outbox.c.body).order_by(outbox.c.event_id)).all()
        return [msgspec.json.decode(body, type=Envelope) for body in bodies]

    # What tests do most.

    def draft(
        self,
        amount_minor: int = 10_000,
        *,
        customer_id: str = CUSTOMER,
        number: str | None = None,
        issued_on: date | None = None,
        due_on: date | None = None,
    ) -> wire.InvoiceView:
        issued_on = issued_on or self.today
        return self.ask(
            wire.CreateInvoice(
                key=new_id(),
                customer_id=customer_id,
                issued_on=issued_on,
                due_on=due_on or issued_on + timedelta(days=30),
                lines=[line(amount_minor)],
                number=number,
            )
        )

    def send(self, invoice: wire.InvoiceView) -> wire.InvoiceView:
        return self.ask(wire.SendInvoice(invoice_id=invoice.summary.invoice_id))

    def sent(self, amount_minor: int = 10_000, **fields: Any) -> wire.InvoiceView:
        """A draft that is sent at once."""
        return self.send(self.draft(amount_minor, **fields))

    def void(self, invoice: wire.InvoiceView, reason: str = "wrong customer") -> wire.InvoiceView:
        return self.ask(wire.VoidInvoice(invoice_id=invoice.summary.invoice_id, reason=reason))

    def get(self, invoice: wire.InvoiceView, customer_id: str = CUSTOMER) -> wire.InvoiceView:
        return self.ask(wire.GetInvoice(customer_id=customer_id, invoice_id=invoice.summary.invoice_id))

    def open_minor(self, invoice: wire.InvoiceView) -> int:
        return self.get(invoice, invoice.summary.customer_id).summary.open_minor

    def due(self, customer_id: str = CUSTOMER) -> wire.AmountDue:
        return self.ask(wire.GetAmountDue(customer_id=customer_id))

    def hold(
        self,
        amount_minor: int,
        *invoices: wire.InvoiceView,
        payment_id: str | None = None,
        customer_id: str = CUSTOMER,
        allow_overpayment: bool = False,
        allow_partial: bool = False,
        least_rest_minor: int = 0,
    ) -> wire.HoldView:
        """Hold these invoices, or all that is open where none is named."""
        return self.ask(
            wire.HoldInvoices(
                payment_id=payment_id or new_id(),
                customer_id=customer_id,
                currency="USD",
                amount_minor=amount_minor,
                invoice_ids=[invoice.summary.invoice_id for invoice in invoices] or None,
                allow_overpayment=allow_overpayment,
                allow_partial=allow_partial,
                least_rest_minor=least_rest_minor,
            )
        )

    def release(self, payment_id: str) -> wire.HoldView | None:
        return self.ask(wire.ReleaseHold(payment_id=payment_id))

    def credit(self, amount_minor: int, *, customer_id: str = CUSTOMER, **fields: Any) -> wire.CreditView:
        return self.ask(
            wire.CreateCredit(
                key=new_id(),
                customer_id=customer_id,
                currency="USD",
                amount_minor=amount_minor,
                reason="missed a visit",
                **fields,
            )
        )

    def visit(self, scheduled_on: date | None = None, *, customer_id: str = CUSTOMER, **terms: Any) -> wire.VisitView:
        """A scheduled visit; tomorrow where no day is given."""
        day = scheduled_on or self.today + timedelta(days=1)
        return self.ask(wire.ScheduleVisit(key=new_id(), customer_id=customer_id, terms=visit_terms(day, **terms)))

    def imports(self, *rows: wire.InvoiceRow, today: date | None = None) -> list[RowResult]:
        return self.ask(wire.ImportInvoices(rows=list(rows), today=today))


def visit_terms(scheduled_on: date, *, service: str = "Mowing", **terms: Any) -> wire.VisitTerms:
    return wire.VisitTerms(scheduled_on=scheduled_on, service=service, **terms)


def line(amount_minor: int, description: str = "Mowing") -> wire.InvoiceLine:
    return wire.InvoiceLine(description=description, unit_price_minor=amount_minor, amount_minor=amount_minor)


def row(
    number: str,
    total_minor: int = 10_000,
    *,
    at: int = 1,
    customer_id: str = CUSTOMER,
    issued_on: date = date(2026, 2, 1),
    due_on: date = date(2026, 3, 1),
    **fields: Any,
) -> wire.InvoiceRow:
    """One row of an import."""
    return wire.InvoiceRow(
        row=at,
        customer_id=customer_id,
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        total_minor=total_minor,
        **fields,
    )


def succeeded(
    amount_minor: int,
    *,
    invoices: Sequence[tuple[wire.InvoiceView, int]] = (),
    payment_id: str | None = None,
    customer_id: str = CUSTOMER,
    method: PaymentMethod = "check",
    received_on: date = TODAY,
    origin: Origin = "portal",
) -> PaymentSucceeded:
    """Money that arrived, meant for invoices with the amount for each (0: as far as it reaches)."""
    return PaymentSucceeded(
        payment_id=payment_id or new_id(),
        customer_id=customer_id,
        currency="USD",
        amount_minor=amount_minor,
        method=method,
        received_on=received_on,
        effective_on=received_on,
        invoices=[
            PaidInvoice(invoice_id=invoice.summary.invoice_id, number=invoice.summary.number, amount_minor=part_minor)
            for invoice, part_minor in invoices
        ],
        card_brand=None,
        card_last4=None,
        reference="",
        origin=origin,
    )


def paid_as_held(hold: wire.HoldView, *, customer_id: str = CUSTOMER, received_on: date = TODAY) -> PaymentSucceeded:
    """What payments publishes when the money of a hold arrived."""
    return PaymentSucceeded(
        payment_id=hold.payment_id,
        customer_id=customer_id,
        currency="USD",
        amount_minor=hold.amount_minor,
        method="card",
        received_on=received_on,
        effective_on=received_on,
        invoices=[
            PaidInvoice(invoice_id=part.invoice_id, number=part.number, amount_minor=part.amount_minor)
            for part in hold.invoices
        ],
        card_brand="visa",
        card_last4="4242",
        reference="",
        origin="portal",
    )


def failed(payment_id: str, *, customer_id: str = CUSTOMER) -> PaymentFailed:
    return PaymentFailed(
        payment_id=payment_id,
        customer_id=customer_id,
        currency="USD",
        amount_minor=1,
        decline_code="generic_decline",
        message="The card was declined.",
    )


def cancelled(payment_id: str, *, customer_id: str = CUSTOMER) -> PaymentCancelled:
    return PaymentCancelled(payment_id=payment_id, customer_id=customer_id, currency="USD", amount_minor=1)


def money_returned(
    payment: PaymentSucceeded, amount_minor: int, *, kind: ReturnKind = "refund", return_id: str | None = None
) -> MoneyReturned:
    """Part of a payment left again, on the day on which it had come."""
    return MoneyReturned(
        return_id=return_id or new_id(),
        payment_id=payment.payment_id,
        customer_id=payment.customer_id,
        currency=payment.currency,
        amount_minor=amount_minor,
        kind=kind,
        effective_on=payment.effective_on,
        card_brand="visa",
        card_last4="4242",
    )


def money_restored(event: MoneyReturned) -> MoneyRestored:
    """It came back."""
    return MoneyRestored(
        return_id=event.return_id,
        payment_id=event.payment_id,
        customer_id=event.customer_id,
        currency=event.currency,
        amount_minor=event.amount_minor,
        kind=event.kind,
        effective_on=event.effective_on,
    )
