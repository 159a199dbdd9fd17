"""Waiting until every event that was recorded has been handled everywhere."""

import time
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from chassis.commands import MessageCountsView, for_service
from contracts.topology import LISTENERS
from contracts.wire import Command, Event, Refused

FIRST_PAUSE_S = 0.02
LONGEST_PAUSE_S = 0.5
ASK_TIMEOUT_S = 5.0
SILENCE_S = 20.0
"""A service that says nothing for so long is away: waiting for the rest of the time would not bring it back."""


class Gathers(Protocol):
    """Whatever can ask several services at once, as `RpcClient` does."""

    def gather(self, commands: Mapping[str, Command[Any]], timeout_s: float = ...) -> dict[str, Any]:
        """Return each answer, or the Refused in its place."""


class NotDrained(Exception):
    """Events were still on their way when the time was over; `missing` says which, a sentence each."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__("events are still on their way: " + "; ".join(missing))


def drained(
    rpc: Gathers,
    listeners: Mapping[str, Iterable[type[Event]]] | None = None,
    timeout_s: float = 30.0,
) -> dict[str, MessageCountsView]:
    """Return the counts of every service once all its events have been handled; raise NotDrained otherwise.

    Every outbox is empty, and each listener has handled, or given up as dead, as many events of each name as
    their owner has published. A handler's effect and the events that it records commit together, so counts
    that match leave nothing that could still set something off, but for work that runs by the clock. A service
    that does not answer for `SILENCE_S` ends the wait early.
    """
    listeners = LISTENERS if listeners is None else listeners
    owners = {event.owner for events in listeners.values() for event in events}
    services = sorted(owners | set(listeners))
    give_up_at = time.monotonic() + timeout_s
    pause_s = FIRST_PAUSE_S
    heard_all_at = time.monotonic()
    while True:
        answers = rpc.gather({name: for_service(name).message_counts() for name in services}, ASK_TIMEOUT_S)
        missing = _missing(answers, listeners)
        if not missing:
            return answers
        if not any(isinstance(answer, Refused) for answer in answers.values()):
            heard_all_at = time.monotonic()
        if time.monotonic() + pause_s > min(give_up_at, heard_all_at + SILENCE_S):
            raise NotDrained(missing)
        time.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


def _missing(
    counts: Mapping[str, MessageCountsView | Refused], listeners: Mapping[str, Iterable[type[Event]]]
) -> list[str]:
    missing = [
        f"{name} does not answer: {answer.message}" for name, answer in counts.items() if isinstance(answer, Refused)
    ]
    known = {name: answer for name, answer in counts.items() if not isinstance(answer, Refused)}
    missing += [
        f"{name} has {answer.outbox_pending} events to publish"
        for name, answer in known.items()
        if answer.outbox_pending
    ]
    for listener, events in listeners.items():
        for event in events:
            if listener in known and event.owner in known:
                published = known[event.owner].published.get(event.event_name, 0)
                here = known[listener]
                done = here.handled.get(event.event_name, 0) + here.dead.get(event.event_name, 0)
                if done != published:
                    missing.append(f"{listener} has handled {done} of {published} {event.event_name}")
    return missing
