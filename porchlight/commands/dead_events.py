"""`porchlight dead-events`: events that were tried in vain, listed and tried again."""

import os

import click

from chassis.commands import for_service
from contracts.topology import LISTENERS
from porchlight.connection import CALL_TIMEOUT_S, connected


@click.group("dead-events")
def dead_events() -> None:
    """Events that a service could not handle after its last try."""


@dead_events.command("list")
def list_() -> None:
    """Print them: service, id, name, tries, last error."""
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


@dead_events.command()
@click.argument("service", type=click.Choice(sorted(LISTENERS)))
@click.argument("event_ids", nargs=-1)
@click.option("--all", "all_", is_flag=True, help="Every dead event of the service.")
@click.option("--name", help="With --all: only events of this name.")
def replay(service: str, event_ids: tuple[str, ...], all_: bool, name: str | None) -> None:
    """Try dead events of SERVICE again."""
    if bool(event_ids) == all_:
        raise click.UsageError("name the events by their ids, or use --all")
    of_service = for_service(service)
    with connected(os.environ) as services:
        if all_:
            count = services.caller.call(of_service.replay_dead_events(name=name), timeout_s=CALL_TIMEOUT_S).count
        else:
            replays = [of_service.replay_dead_event(event_id=event_id) for event_id in event_ids]
            count = sum(services.caller.call(each, timeout_s=CALL_TIMEOUT_S).count for each in replays)
    click.echo(f"{count} {'event is' if count == 1 else 'events are'} tried again")
