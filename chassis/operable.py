"""What operators may ask of every service."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from chassis import commands, dead_events, inbox, outbox
from chassis.answering import answers
from chassis.providers import DatabaseProvider, HealthProvider
from contracts import codes
from contracts.wire import Refused

LARGEST_PAGE = 500


class Operable:
    """A base class for services: answers the commands of `chassis.commands`. Needs the chassis's tables."""

    db = DatabaseProvider()
    own_problems = HealthProvider()

    start_checks: ClassVar[Sequence[Callable[[Any], None]]] = ()
    """Called with the settings before the service starts, its database at hand; each may raise `CannotStart`."""

    @answers(commands.MessageCounts)
    def message_counts(self, command: commands.MessageCounts) -> commands.MessageCountsView:
        """Count this service's events."""
        with self.db.read() as session:
            return commands.MessageCountsView(
                outbox_pending=outbox.pending(session),
                published=outbox.published_counts(session),
                handled=inbox.handled_counts(session),
                parked=dead_events.parked_counts(session),
                dead=dead_events.dead_counts(session),
            )

    @answers(commands.ListDeadEvents)
    def list_dead_events(self, command: commands.ListDeadEvents) -> commands.DeadEventPage:
        """List dead events, a page at a time."""
        if not 1 <= command.limit <= LARGEST_PAGE:
            raise Refused(codes.INVALID, f"A page has 1 to {LARGEST_PAGE} events.", field="limit")
        with self.db.read() as session:
            found = dead_events.list_dead(session, limit=command.limit, after=command.after)
        return commands.DeadEventPage(
            events=[msgspec.convert(event, commands.DeadEventView, from_attributes=True) for event in found],
            next_after=found[-1].event_id if len(found) == command.limit else None,
        )

    @answers(commands.ReplayDeadEvent)
    def replay_dead_event(self, command: commands.ReplayDeadEvent) -> commands.Replayed:
        """Try one dead event again."""
        with self.db.transaction() as session:
            if not dead_events.replay(session, command.event_id):
                raise Refused(codes.NOT_FOUND, "There is no dead event with this id.")
        return commands.Replayed(count=1)

    @answers(commands.ReplayDeadEvents)
    def replay_dead_events(self, command: commands.ReplayDeadEvents) -> commands.Replayed:
        """Try all dead events again, or those of one name."""
        count, after = 0, ""
        while True:
            with self.db.transaction() as session:
                page = dead_events.list_dead(session, limit=LARGEST_PAGE, after=after)
                for event in page:
                    if command.name in (None, event.name):
                        count += dead_events.replay(session, event.event_id)
            if len(page) < LARGEST_PAGE:
                return commands.Replayed(count=count)
            after = page[-1].event_id

    @answers(commands.ReadPublishedEvents)
    def read_published_events(self, command: commands.ReadPublishedEvents) -> commands.PublishedEvents:
        """Read this service's archive, a part at a time."""
        if not 1 <= command.limit <= LARGEST_PAGE:
            raise Refused(codes.INVALID, f"A part has 1 to {LARGEST_PAGE} events.", field="limit")
        with self.db.read() as session:
            found = outbox.published_since(session, names=command.names, cursor=command.cursor, limit=command.limit)
        return commands.PublishedEvents(
            events=[envelope for _, envelope in found],
            next_cursor=found[-1][0] if len(found) == command.limit else None,
        )

    @answers(commands.ReadRecordedEvents)
    def read_recorded_events(self, command: commands.ReadRecordedEvents) -> commands.RecordedEvents:
        """Read this service's archive by id, a part at a time."""
        if not 1 <= command.limit <= LARGEST_PAGE:
            raise Refused(codes.INVALID, f"A part has 1 to {LARGEST_PAGE} events.", field="limit")
        with self.db.read() as session:
            found = outbox.recorded_between(
                session, names=command.names, after=command.after, up_to=command.up_to, limit=command.limit
            )
        return commands.RecordedEvents(
            events=found, next_after=found[-1].event_id if len(found) == command.limit else None
        )

    @answers(commands.Health)
    def health(self, command: commands.Health) -> commands.HealthView:
        """Say what keeps this service from doing its work."""
        problems = self.own_problems()
        return commands.HealthView(ready=not problems, problems=problems)
