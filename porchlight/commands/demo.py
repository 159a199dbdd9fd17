"""`porchlight demo`: everything in one process, with a believable business in it; or the main job walked once."""

import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import click

from porchlight.commands.option_types import PORT
from porchlight.connection import Services
from porchlight.demo_data import loading, visiting
from porchlight.embedded.home import Home, HomeInUse
from porchlight.walk.main_job import MainJob

PORTAL_PORT = 8000
SANDBOX_PORT = 8020


@click.command()
@click.option("--check", is_flag=True, help="Walk the main job through HTTP in a folder of its own, then end.")
@click.option("--port", type=PORT, default=PORTAL_PORT, show_default=True, help="The portal's port, if it is free.")
@click.option(
    "--sandbox-port", type=PORT, default=SANDBOX_PORT, show_default=True, help="The sandbox's, if it is free."
)
def demo(check: bool, port: int, sandbox_port: int) -> int:
    """Run the whole portal in this process, with a lawn-care business to look at. Ctrl-C stops it."""
    if check:
        return _check(os.environ)
    return _show(os.environ, port, sandbox_port)


def _show(environ: Mapping[str, str], port: int, sandbox_port: int) -> int:
    # Imported here, as below: commands that only talk to services have no use for the services' code.
    import eventlet

    from chassis.signals import StopSignals, first_of
    from porchlight.embedded.doorway import Doorway
    from porchlight.embedded.house import House

    started = time.monotonic()
    home = Home.named_in(environ)
    try:
        lock = home.lock()
    except HomeInUse as error:
        raise click.ClickException(f"{error}; is the demo running already?") from error
    with lock, ExitStack() as cleanup:
        # Before anything runs: a signal during the start stops what is there by then.
        stop_signals = StopSignals()
        house = House(home, environ, portal_port=port, sandbox_port=sandbox_port)
        cleanup.callback(house.stop)

        def open_up() -> visiting.ReadyLogIn:
            house.start()
            services = Services(caller=house.rpc, environ=house.environ)
            cleanup.callback(Doorway(home.socket, house.rpc).close)
            # Cut off, it is taken up by the next start.
            loading.load_once(services, home.folder / "demo-loading", click.echo)
            return visiting.ready_log_in(services, house.sandbox_url)

        opening = eventlet.spawn(open_up)
        if first_of(opening, stop_signals):
            say_addresses(house.portal_url, house.sandbox_url, opening.wait(), time.monotonic() - started)
            first_of(eventlet.spawn(house.wait), stop_signals)
        else:
            opening.kill()
    click.echo("stopped")
    return 0


def say_addresses(portal_url: str, sandbox_url: str, ready: visiting.ReadyLogIn, took_s: float) -> None:
    """Print where everything is and how to get in."""
    click.echo(f"""
  The portal       {portal_url}
  Log in as        {ready.email}
  with             {ready.password}

  Mailbox          {sandbox_url}/mailbox
  Sandbox          {sandbox_url}   (Stripe, Twilio; card 4242 4242 4242 4242, any later date, any CVC)

  Ready after {took_s:.1f} s. Ctrl-C stops it.
""")


def _check(environ: Mapping[str, str]) -> int:
    from chassis.signals import interrupted_here
    from porchlight.embedded.house import House

    with tempfile.TemporaryDirectory(prefix="porchlight-") as folder, interrupted_here():
        home = Home(Path(folder) / "home")
        house = House(home, environ)
        try:
            house.start()
            services = Services(caller=house.rpc, environ=house.environ)
            walk(services, portal_url=house.portal_url, sandbox_url=house.sandbox_url, folder=Path(folder))
        finally:
            house.stop()
    return 0


def walk(services: Services, *, portal_url: str, sandbox_url: str, folder: Path) -> None:
    """Walk the main job, printing its steps. Raises what the first step that fails raises."""
    MainJob(
        caller=services.caller,
        portal_url=portal_url,
        sandbox_url=sandbox_url,
        stripe_api_base=f"{sandbox_url}/stripe",
        today=services.today(),
        folder=folder,
        settle=services.settle,
        say=click.echo,
    ).walk()
