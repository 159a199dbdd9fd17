"""`porchlight clock`: the clock that decides what today is, movable for demonstrations and tests."""

import os
from datetime import date, datetime, time

import click

from contracts.identity import ClockView, GetBusinessClock, SetBusinessClock
from porchlight.commands.option_types import Day
from porchlight.connection import CALL_TIMEOUT_S, connected

NOON = time(12)


@click.group()
def clock() -> None:
    """The business's clock. Sessions, links and payments' time-outs always go by real time."""


@clock.command()
def show() -> None:
    """Print the business's present instant."""
    with connected(os.environ) as services:
        _say(services.caller.call(GetBusinessClock(), timeout_s=CALL_TIMEOUT_S))


@clock.command("set")
@click.argument("day", type=Day())
@click.option("--running", is_flag=True, help="Let it run on from there instead of standing still.")
def set_(day: date, running: bool) -> None:
    """Make it noon of DAY, in the business's time zone."""
    with connected(os.environ) as services:
        at = datetime.combine(day, NOON, tzinfo=services.time_zone)
        command = SetBusinessClock(mode="offset" if running else "frozen", at=at)
        _say(services.caller.call(command, timeout_s=CALL_TIMEOUT_S))
        services.settle()


@clock.command()
def reset() -> None:
    """Return to real time."""
    with connected(os.environ) as services:
        _say(services.caller.call(SetBusinessClock(mode="real"), timeout_s=CALL_TIMEOUT_S))
        services.settle()


def _say(view: ClockView) -> None:
    click.echo(f"{view.now.isoformat()} ({view.mode})")
