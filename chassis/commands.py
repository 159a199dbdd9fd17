"""Commands that every service answers: how its messages stand, dead events, health.

Their types belong to no service; `for_service("billing")` gives those that ask billing.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from contracts.wire import Command, Envelope, View


class MessageCountsView(View):
    """How many events of each name: published by this service, handled here, waiting to be tried again, dead.

    `outbox_pending` are recorded and not yet published.
    """

    outbox_pending: int
    published: dict[str, int]
    handled: dict[str, int]
    parked: dict[str, int]
    dead: dict[str, int]


class DeadEventView(View):
    """An event that is tried no more. `body` is the envelope's JSON, or whatever came if it could not be read."""

    event_id: str
    name: str
    attempts: int
    last_error: str
    parked_at: datetime
    body: str


class DeadEventPage(View):
    """Dead events in the order of their ids; `next_after` is for the next page, None on the last."""

    events: list[DeadEventView]
    next_after: str | None = None


class Replayed(View):
    """How many dead events are being tried again."""

    count: int


class PublishedEvents(View):
    """Part of a service's feed, in the order of publication; `next_cursor` is for the next part, None at the end."""

    events: list[Envelope]
    next_cursor: int | None = None


class RecordedEvents(View):
    """Part of a service's archive, in the order of the ids; `next_after` is for the next part, None at the end."""

    events: list[Envelope]
    next_after: str | None = None


class HealthView(View):
    """Whether a service can do its work; if not, `problems` says why, a sentence each."""

    ready: bool
    problems: list[str]


class MessageCounts(Command[MessageCountsView]):
    """Count this service's events."""

    of_every_service: ClassVar[bool] = True


class ListDeadEvents(Command[DeadEventPage]):
    """List dead events after the id `after`, at most `limit` (1 to 500)."""

    of_every_service: ClassVar[bool] = True
    after: str = ""
    limit: int = 100


class ReplayDeadEvent(Command[Replayed]):
    """Try one dead event again. Refused `not_found`."""

    of_every_service: ClassVar[bool] = True
    event_id: str


class ReplayDeadEvents(Command[Replayed]):
    """Try every dead event again; those named `name` only, if it is given."""

    of_every_service: ClassVar[bool] = True
    name: str | None = None


class ReadPublishedEvents(Command[PublishedEvents]):
    """Follow the feed: events of these names published after `cursor` (0: from the beginning), at most `limit`
    (1 to 500). Whatever is published later has a higher cursor.
    """

    of_every_service: ClassVar[bool] = True
    names: list[str]
    cursor: int = 0
    limit: int = 500


class ReadRecordedEvents(Command[RecordedEvents]):
    """Read the archive by id: events of these names after the id `after`, none after `up_to` (None: to the end), at
    most `limit` (1 to 500), published or not. Projections are compared with it, a stretch at a time.
    """

    of_every_service: ClassVar[bool] = True
    names: list[str]
    after: str = ""
    up_to: str | None = None
    limit: int = 500


class Health(Command[HealthView]):
    """Ask whether the service can do its work."""

    of_every_service: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class ServiceCommands:
    """The types above, addressed to one service."""

    message_counts: Callable[..., MessageCounts]
    list_dead_events: Callable[..., ListDeadEvents]
    replay_dead_event: Callable[..., ReplayDeadEvent]
    replay_dead_events: Callable[..., ReplayDeadEvents]
    read_published_events: Callable[..., ReadPublishedEvents]
    read_recorded_events: Callable[..., ReadRecordedEvents]
    health: Callable[..., Health]

    def types(self) -> list[type[Command[Any]]]:
        """All of them."""
        return [getattr(self, field.name) for field in fields(self)]


@cache
def for_service(service: str) -> ServiceCommands:
    """Return the types that ask `service`: `rpc.call(for_service("billing").message_counts())`."""
    return ServiceCommands(
        message_counts=_addressed(MessageCounts, service),
        list_dead_events=_addressed(ListDeadEvents, service),
        replay_dead_event=_addressed(ReplayDeadEvent, service),
        replay_dead_events=_addressed(ReplayDeadEvents, service),
        read_published_events=_addressed(ReadPublishedEvents, service),
        read_recorded_events=_addressed(ReadRecordedEvents, service),
        health=_addressed(Health, service),
    )


def _addressed(command_type: type[Command[Any]], service: str) -> Any:
    metaclass: Any = type(command_type)
    addressed = metaclass(command_type.__name__, (command_type,), {"__module__": __name__})
    addressed.service = service
    addressed.answer_type = command_type.answer_type
    return addressed
