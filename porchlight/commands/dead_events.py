"""`porchlight dead-events`: events that were tried in vain, listed and tried again."""

import os
import sys

import click

from chassis.commands import for_service
from contracts.topology import LISTENERS
from contracts.wire import Refused
from porchlight.connection import CALL_TIMEOUT_S, connected


@click.group("dead-events")
def dead_events() -> None:
    """Events that a service could not handle after its last try."""


@dead_events.command("list")
def list_() -> int:
    """Print them: service, id, name, tries, last error.

    The exit code is 0 when there is none and 1 when there is one (or the list could not be had, and standard error
    says why).
    """
    count = 0
    with connected(os.environ) as services:
        for listener in sorted(LISTENERS):
            after = ""
            while True:
                command = for_service(listener).list_dead_events(after=after)
                page = services.caller.call(command, timeout_s=CALL_TIMEOUT_S)
                for event in page.events:
                    count += 1
                    tries = f"{event.attempts} tries" if event.attempts else "not tried"
                    click.echo(f"{listener}  {event.event_id}  {event.name}  {tries}  {event.last_error}")
                if page.next_after is None:
                    break
                after = page.next_after
    if not count:
        click.echo("no dead events")
    return 1 if count else 0


@dead_events.command()
@click.argument("service", type=click.Choice(sorted(LISTENERS)), metavar="SERVICE")
@click.argument("event_ids", nargs=-1)
@click.option("--all", "all_", is_flag=True, help="Every dead event of the service.")
@click.option("--name", help="With --all: only events of this name.")
def replay(service: str, event_ids: tuple[str, ...], all_: bool, name: str | None) -> int:
    """Try dead events of SERVICE again, by their ids as `list` prints them. SERVICE stands first in its lines.

    An id that is not there does not stop the others; the exit code is 1 then.
    """
    if bool(event_ids) == all_:
        raise click.UsageError("name the events by their ids, or use --all")
    of_service = for_service(service)
    missing = 0
    with connected(os.environ) as services:
        if all_:
            count = services.caller.call(of_service.replay_dead_events(name=name), timeout_s=CALL_TIMEOUT_S).count
        else:
            count = 0
            for event_id in event_ids:
                command = of_service.replay_dead_event(event_id=event_id)
                try:
                    count += services.caller.call(command, timeout_s=CALL_TIMEOUT_S).count
                except Refused as refused:
                    missing += 1
                    print(f"{event_id}: {refused.message}", file=sys.stderr)
    click.echo(f"{count} {'event is' if count == 1 else 'events are'} tried again")
    return 1 if missing else 0
