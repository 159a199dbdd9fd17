"""A notify to test with: its service's own handlers on a real database, a mail server that remembers, a clock set by
hand."""

import inspect
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from chassis import dead_events
from chassis.clock import BusinessClock, SystemClock
from chassis.database import Database
from chassis.inbox import Handler, Inbox
from contracts import codes
from contracts.identity import BusinessClockSet, LinkToken, ReadLinkToken
from contracts.notify import DeliveryView, ListDeliveries, ListTexts, TextView
from contracts.wire import Command, Event, Refused
from services.notify import queries
from services.notify.domain.unsubscribe_tokens import UnsubscribeTokens
from services.notify.models import Delivery
from services.notify.operations.drafting import Drafting
from services.notify.operations.giving_way import GivingWay
from services.notify.operations.sending import Sender
from services.notify.operations.text_sending import TextSender, reports_at
from services.notify.service import NotifyService
from services.notify.text_desk import TextDesk
from tests.support.notify_business import composer, settings
from tests.support.notify_events import arrival
from tests.support.notify_mail import FakeMail
from tests.support.notify_texting import FakeTexting

Answer = TypeVar("Answer")


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
        self.clock_version = 0
        self.texting = FakeTexting()
        self.business_clock = BusinessClock("America/New_York", self.clock)
        self.text_desk = TextDesk(
            terms=settings().texts,
            texting=self.texting,
            sender=TextSender(
                database=database,
                texting=self.texting,
                report_to=reports_at(settings().portal_url),
                clock=self.clock,
                business_clock=self.business_clock,
                lanes=1,
            ),
            clock=self.business_clock,
        )
        tokens = UnsubscribeTokens(settings().unsubscribe_secret)
        self.sender = Sender(
            database=database,
            mail=self.mail,
            drafting=Drafting(
                composer=self.composer,
                services=self.identity,
                unsubscribe_tokens=UnsubscribeTokens(settings().unsubscribe_secret),
            ),
            clock=self.clock,
            lanes=1,
        )
        service: Any = NotifyService()
        service.clock = self.business_clock
        service.text_desk = self.text_desk
        service.settings = settings()
        service.unsubscribe_tokens = tokens
        service.giving_way = GivingWay()
        service.db = database
        service.sender = self.sender
        self.inbox = Inbox(database=database, listener="notify", handlers=_handlers_of(service))
        self.service = service

    def hear(self, *events: Event) -> None:
        """Take events that arrived together, in this order of arrival."""
        self.inbox.take([arrival(event) for event in events])
        with self.database.read() as session:
            parked = dead_events.parked_counts(session)
        assert not parked, f"a handler raised: {parked}"

    def ask(self, command: Command[Answer]) -> Answer:
        """What the service answers; raises what it refuses."""
        answer: Answer = getattr(self.service, command.method)(command)
        return answer

    def send(self) -> None:
        """Let the worker run until it has nothing to do."""
        for _ in range(1000):
            if not self.sender.send_some():
                return
        raise AssertionError("the worker never comes to an end")

    def set_clock(self, at: datetime) -> None:
        """Stop the business's clock at an instant."""
        self.clock_version += 1
        self.hear(BusinessClockSet(version=self.clock_version, mode="frozen", frozen_at=at))

    def send_texts(self) -> None:
        """The same for texts."""
        for _ in range(1000):
            if not self.text_desk.sender.send_some():
                return
        raise AssertionError("the worker never comes to an end")

    def texts(self, **query: Any) -> list[TextView]:
        """Texts, oldest first."""
        return self.ask(ListTexts(**query)).texts[::-1]

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
