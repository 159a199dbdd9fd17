"""A payments to test with: its own entrypoints on a real database; provider, billing and clocks are set by hand."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from nameko.testing.services import worker_factory
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chassis.clock import BusinessClock, SystemClock
from chassis.database import Database
from chassis.ids import new_id
from chassis.tables import outbox
from contracts import payments as wire
from contracts.billing import AllocationFact, PaymentAllocated
from contracts.wire import Command, Envelope, Event
from services.payments.clients.provider import PaymentProvider
from services.payments.domain.charge_dates import ChargeRules
from services.payments.models import Payment
from services.payments.operations import allocations, contacts
from services.payments.operations.tools import Caller, Tools
from services.payments.service import PaymentsService
from tests.support.payments_billing import FakeBilling
from tests.support.payments_provider import FakeProvider

Answer = TypeVar("Answer")
AnyEvent = TypeVar("AnyEvent", bound=Event)

CUSTOMER = "0190c000-0000-7000-8000-00000000000a"
NEIGHBOUR = "0190c000-0000-7000-8000-00000000000b"
INVOICE = "0190c000-0000-7000-8000-0000000000a1"
START = datetime(2026, 3, 10, 15, tzinfo=UTC)

PACKAGE = "services.payments.migrations"
RULES = ChargeRules(charged_when="due", time_of_day=time(9), time_zone=ZoneInfo("America/New_York"))


class Crash(BaseException):
    """The process is killed here: nothing of it catches this."""


class Mortal:
    """A provider in the midst of whose calls the process can be killed; nobody asks it from within a transaction."""

    def __init__(self, provider: PaymentProvider, database: "KillableDatabase") -> None:
        self._provider = provider
        self._database = database
        self.doomed: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._provider, name)

        def made(*arguments: Any, **named: Any) -> Any:
            assert not self._database.is_in_use, f"{name}: a transaction is open while the provider takes its time"
            self._die(name, "before")
            answer = call(*arguments, **named)
            self._die(name, "after")
            return answer

        return made

    def _die(self, name: str, when: str) -> None:
        if (name, when) in self.doomed:
            self.doomed.remove((name, when))
            raise Crash(f"{when} {name}")


class HandSetClock(SystemClock):
    """Stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class KillableDatabase(Database):
    """A database during whose n-th transaction from now the process is killed, right after the commit or before it."""

    crash_after_commits: int | None = None
    crash_before_commits: int | None = None
    commits = 0

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._of_thread = threading.local()

    @property
    def is_in_use(self) -> bool:
        """Whether this thread has a transaction open, be it to read or to write."""
        return bool(getattr(self._of_thread, "open", 0))

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._counted(), super().read() as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self._counted(), super().transaction() as session:
            yield session
            if self._is_time("crash_before_commits"):
                raise Crash("before a commit")
        self.commits += 1
        if self._is_time("crash_after_commits"):
            raise Crash("after a commit")

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._of_thread.open = getattr(self._of_thread, "open", 0) + 1
        try:
            yield
        finally:
            self._of_thread.open -= 1

    def _is_time(self, countdown: str) -> bool:
        left = getattr(self, countdown)
        if left is None:
            return False
        setattr(self, countdown, left - 1 if left > 1 else None)
        return bool(left == 1)


class Payments:
    """Asks the service's entrypoints, lets its listeners hear events, runs its workers and reads what it recorded."""

    def __init__(
        self,
        database: Database,
        *,
        provider: PaymentProvider | None = None,
        billing: Caller | None = None,
        clock: HandSetClock | None = None,
        rules: ChargeRules | None = None,
    ) -> None:
        self.database = KillableDatabase(database.url)
        self.clock = clock or HandSetClock()
        self.stripe = FakeProvider(self.clock)
        self.billing = FakeBilling()
        self.mortal = Mortal(provider or self.stripe, self.database)
        self.tools = Tools(
            database=self.database,
            provider=self.mortal,
            services=billing or self.billing,
            business_clock=BusinessClock("America/New_York", self.clock),
            system_clock=self.clock,
            currency="USD",
            charge_rules=rules or RULES,
        )
        self.service: Any = worker_factory(PaymentsService, db=self.database, tools=self.tools)

    def ask(self, command: Command[Answer]) -> Answer:
        """What the service answers; raises what it refuses."""
        answer: Answer = getattr(self.service, command.method)(command)
        return answer

    def hear(self, *events: Event, version: int = 2) -> None:
        """Let the listeners take the events in one transaction, as one batch of their inbox."""
        with self.database.transaction() as session:
            for fact, preload in _PRELOADS.items():
                if same := [event for event in events if event.fact == fact]:
                    preload(session, same)
            for event in events:
                getattr(self.service, event.fact)(session, event, enveloped(event, version=version))

    def work(self) -> None:
        """Let every worker do all that is due."""
        service = self.service
        workers = (service.apply_webhooks, service.tell_provider, service.reconcile_due)
        for worker in (*workers, service.settle_card_setups, service.detach_cards):
            while worker():
                pass

    def pass_time(self, **parts: float) -> None:
        """Let real time pass, and the workers work."""
        self.clock.at += timedelta(**parts)
        self.work()

    def events(self, kind: type[AnyEvent]) -> list[AnyEvent]:
        """The events of one kind that were recorded, oldest first."""
        return [msgspec.convert(item.payload, kind) for item in self.envelopes() if item.name == kind.event_name]

    def envelopes(self) -> list[Envelope]:
        """Every event that was recorded, oldest first."""
        with self.database.read() as session:
            bodies = session.scalars(select(outbox.c.body).order_by(outbox.c.event_id)).all()
        return [msgspec.json.decode(body, type=Envelope) for body in bodies]

    def rows(self) -> Sequence[Payment]:
        """Every payment as it is stored, oldest first."""
        with self.database.read() as session:
            return session.scalars(select(Payment).order_by(Payment.payment_id)).all()

    def change(self, payment_id: str, **values: object) -> None:
        """Put a payment into a state that is not worth waiting for."""
        with self.database.transaction() as session:
            session.execute(update(Payment).where(Payment.payment_id == payment_id).values(**values))

    def doom(self, call: str, when: str) -> None:
        """Kill the process before or after the next such call to the provider."""
        self.mortal.doomed.append((call, when))

    # What tests do most.

    def pay(self, **changes: Any) -> wire.PaymentView:
        """Press Pay."""
        return self.ask(pay_command(**changes))

    def webhook(self, kind: str, intent_id: str, *, event_id: str | None = None) -> wire.WebhookTaken:
        """Stripe tells of an intent."""
        body = {"id": event_id or f"evt_{new_id()}", "type": kind, "data": {"object": {"id": intent_id}}}
        return self.ask(wire.ReceiveStripeWebhook(payload=json.dumps(body), signature=FakeProvider.SIGNATURE))

    def add_card(self, payment_method: str = "pm_visa", **changes: Any) -> wire.CardSetupView:
        """Press Submit under a card that is to be saved."""
        values: dict[str, Any] = {
            "key": f"card-form-{payment_method}",
            "customer_id": CUSTOMER,
            "payment_method": payment_method,
        }
        return self.ask(wire.AddCard(**(values | changes)))

    def saved_card(self, payment_method: str = "pm_visa", **changes: Any) -> wire.CardView:
        """A card that is saved now."""
        card = self.add_card(payment_method, **changes).card
        assert card is not None
        return card

    def cards(self, customer_id: str = CUSTOMER) -> list[wire.CardView]:
        """The customer's saved cards."""
        return self.ask(wire.ListCards(customer_id=customer_id)).cards

    def only(self) -> Payment:
        """The one payment that is there."""
        (payment,) = self.rows()
        return payment

    def captured_minor(self) -> int:
        """What the provider has taken from cards."""
        return self.stripe.captured_minor()

    def recorded_minor(self) -> int:
        """What succeeded payments by card add up to here."""
        return sum(row.amount_minor for row in self.rows() if row.state == "succeeded" and row.method == "card")


_PRELOADS: dict[str, Callable[[Session, Sequence[Any]], object]] = {
    "contact_changed": contacts.preload,
    "payment_allocated": allocations.preload,
}


def pay_command(**changes: Any) -> wire.PayInvoices:
    """A request to pay $50.00 with a new card that works."""
    values: dict[str, Any] = {
        "key": "form-1",
        "customer_id": CUSTOMER,
        "currency": "USD",
        "amount_minor": 5_000,
        "payment_method": "pm_works",
    }
    return wire.PayInvoices(**(values | changes))


def recorded(row: int = 1, **changes: Any) -> wire.RecordedPayment:
    """A check of $20.00."""
    values: dict[str, Any] = {
        "row": row,
        "external_key": f"check-{row}",
        "customer_id": CUSTOMER,
        "amount_minor": 2_000,
        "method": "check",
        "received_on": date(2026, 3, 9),
        "reference": "check 1001",
    }
    return wire.RecordedPayment(**(values | changes))


def allocated(payment_id: str, *, amount_minor: int, credit_minor: int = 0) -> PaymentAllocated:
    """billing has put a payment on one invoice, and the rest into a credit."""
    fact = AllocationFact(
        allocation_id=new_id(),
        invoice_id=INVOICE,
        invoice_number="1001",
        amount_minor=amount_minor,
        effective_on=date(2026, 3, 10),
    )
    return PaymentAllocated(
        payment_id=payment_id,
        customer_id=CUSTOMER,
        currency="USD",
        allocations=[fact],
        credit_id=new_id() if credit_minor else None,
        credit_minor=credit_minor,
        effective_on=date(2026, 3, 10),
        origin="portal",
    )


def enveloped(event: Event, *, version: int, occurred_at: datetime = START) -> Envelope:
    """The event as it arrives."""
    return Envelope(
        event_id=new_id(),
        name=event.event_name,
        schema_version=event.schema_version,
        occurred_at=occurred_at,
        aggregate_id="aggregate",
        aggregate_version=version,
        ordering_key=CUSTOMER,
        correlation_id="",
        payload=msgspec.to_builtins(event),
    )
