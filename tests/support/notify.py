"""A notify to test with: its service's own handlers on a real database, a mail server that remembers, a clock set by
hand."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import msgspec
from sqlalchemy import select

from chassis import dead_events
from chassis.clock import BusinessClock, SystemClock
from chassis.database import Database
from chassis.ids import new_id
from chassis.inbox import Delivery as Arrival
from chassis.inbox import Handler, Inbox
from contracts import codes
from contracts.billing import AllocationFact, InvoiceLine, InvoiceSent, InvoiceVoided, PaymentAllocated
from contracts.identity import ContactChanged, LinkIssued, LinkToken, ReadLinkToken
from contracts.notify import DeliveryView, ListDeliveries
from contracts.payments import PaymentSucceeded
from contracts.wire import Envelope, Event, Refused
from services.notify import queries
from services.notify.clients.mail import Mail, MailConnection
from services.notify.emails.addressing import sender_address
from services.notify.emails.composer import Composer
from services.notify.models import Delivery
from services.notify.operations.drafting import Drafting
from services.notify.operations.giving_way import GivingWay
from services.notify.operations.sending import Sender
from services.notify.service import NotifyService
from services.notify.settings import NotifySettings

ANA = "0190a000-0000-7000-8000-00000000a7a0"
EXPIRES_AT = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)


def settings(**changes: Any) -> NotifySettings:
    """A business in New York."""
    values: dict[str, Any] = {
        "broker_url": "inprocess://",
        "database_url": "sqlite:///unused",
        "mail_url": "mailbox+http://127.0.0.1:1/mailbox/messages",
        "mail_from": "Green Acres Lawn <office@greenacres.example>",
        "portal_url": "https://portal.greenacres.example/",
        "business_name": "Green Acres Lawn",
        "business_email": "office@greenacres.example",
        "business_phone": "(607) 555-0142",
        "business_address": "2200 Mill Road, Maple Falls, NY 13902",
        "business_website": "https://greenacres.example",
        "accent_color": "#2f6b3c",
    }
    return NotifySettings(**{**values, **changes})


def composer(**changes: Any) -> Composer:
    """What writes that business's e-mails."""
    own = settings(**changes)
    return Composer(business=own.business, formats=own.formats, sender=sender_address(own.mail_from, own.business_name))


class FakeMail(Mail):
    """Remembers what it was given; `trouble` decides per recipient what it raises instead."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, EmailMessage]] = []
        self.connections = 0
        self.trouble: Callable[[str], Exception | None] = lambda to: None
        self.refuses_connections: Exception | None = None
        self.on_send: Callable[[str], object] = lambda to: None

    @contextmanager
    def connect(self) -> Iterator[MailConnection]:
        if self.refuses_connections is not None:
            raise self.refuses_connections
        self.connections += 1
        yield FakeConnection(self)

    @property
    def recipients(self) -> list[str]:
        return [to for to, _ in self.sent]


class FakeConnection(MailConnection):
    def __init__(self, mail: FakeMail) -> None:
        self._mail = mail

    def send(self, message: EmailMessage, *, to: str) -> None:
        self._mail.on_send(to)
        if (error := self._mail.trouble(to)) is not None:
            raise error
        self._mail.sent.append((to, message))


@dataclass
class FakeIdentity:
    """Gives out the secrets of links that are `valid`."""

    valid: dict[str, LinkToken] = field(default_factory=dict)
    is_away: bool = False
    asked: int = 0

    def call(self, command: Any, timeout_s: float = 0.0) -> LinkToken:
        assert isinstance(command, ReadLinkToken)
        self.asked += 1
        if self.is_away:
            raise Refused(codes.UNAVAILABLE, "The service did not answer in time.")
        if command.link_id not in self.valid:
            raise Refused(codes.LINK_NOT_VALID, "This link has been used or is too old.")
        return self.valid[command.link_id]


class HandClock(SystemClock):
    """Real time until it is moved on."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def later(self, **by: float) -> None:
        self._ahead += timedelta(**by)


class Notify:
    """The service's handlers behind a real inbox, and its sender."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.mail = FakeMail()
        self.identity = FakeIdentity()
        self.clock = HandClock()
        self.composer = composer()
        self.sender = Sender(
            database=database,
            mail=self.mail,
            drafting=Drafting(composer=self.composer, services=self.identity),
            clock=self.clock,
            lanes=1,
        )
        service: Any = NotifyService()
        service.clock = BusinessClock("America/New_York")
        service.giving_way = GivingWay()
        self.inbox = Inbox(database=database, listener="notify", handlers=_handlers_of(service))
        self.service = service

    def hear(self, *events: Event) -> None:
        """Take events that arrived together, in this order of arrival."""
        self.inbox.take([arrival(event) for event in events])
        with self.database.read() as session:
            parked = dead_events.parked_counts(session)
        assert not parked, f"a handler raised: {parked}"

    def send(self) -> None:
        """Let the worker run until it has nothing to do."""
        for _ in range(1000):
            if not self.sender.send_some():
                return
        raise AssertionError("the worker never comes to an end")

    def deliveries(self, **query: Any) -> list[DeliveryView]:
        """Deliveries, oldest first."""
        with self.database.read() as session:
            page = queries.deliveries(session, ListDeliveries(**query), self.sender.drafting.subject)
        return page.deliveries[::-1]

    def states(self) -> list[str]:
        return [delivery.state for delivery in self.deliveries()]

    def facts(self) -> list[str | None]:
        with self.database.read() as session:
            return list(session.scalars(select(Delivery.facts).order_by(Delivery.delivery_id)))


def _handlers_of(service: Any) -> dict[str, list[Handler]]:
    handlers: dict[str, list[Handler]] = {}
    for name, method in inspect.getmembers(NotifyService, inspect.isfunction):
        for entrypoint in getattr(method, "nameko_entrypoints", ()):
            if (event_type := getattr(entrypoint, "event_type", None)) is not None:
                handler = Handler(event_type=event_type, handle=getattr(service, name), preload=entrypoint.preload)
                handlers.setdefault(event_type.event_name, []).append(handler)
    return handlers


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


def text_of(message: EmailMessage) -> str:
    """The plain-text part, decoded."""
    part = message.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    """The HTML part, decoded."""
    part = message.get_body(("html",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def link_token(token: str, email: str = "ana@example.com") -> LinkToken:
    return LinkToken(token=token, email=email, expires_at=EXPIRES_AT)
