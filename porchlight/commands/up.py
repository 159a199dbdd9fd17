"""`porchlight up`: the demo's distributed twin, from docker-compose.yml's own commands, without Docker."""

import signal
import tempfile
import threading
import time
from pathlib import Path

import click

from chassis.rpc import RpcClient
from porchlight.commands.demo import PORTAL_PORT, SANDBOX_PORT, say_addresses
from porchlight.commands.option_types import PORT
from porchlight.connection import CONNECT_TIMEOUT_S, Services
from porchlight.demo_data import loading, visiting
from porchlight.local_stack import LocalStack, local_stack
from porchlight.private_servers.processes import is_free


@click.command()
@click.option("--port", type=PORT, default=PORTAL_PORT, show_default=True, help="The portal's port, if it is free.")
def up(port: int) -> int:
    """Run every service as a process of its own, on a private RabbitMQ and PostgreSQL. Ctrl-C stops it all."""
    started = time.monotonic()
    # Asked to end while still starting, it ends; what has been started ends with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    is_up = False
    wanted = {("gateway", 8000): port, ("sandbox", 8020): SANDBOX_PORT}
    ports = {place: number for place, number in wanted.items() if is_free(number)}
    try:
        with (
            tempfile.TemporaryDirectory(prefix="porchlight-") as folder,
            local_stack(Path(folder), ports=ports) as stack,
        ):
            _load_and_tell(stack, started)
            is_up = True
            threading.Event().wait()
    except KeyboardInterrupt:
        if not is_up:
            raise
    click.echo("stopped")
    return 0


def _load_and_tell(stack: LocalStack, started: float) -> None:
    environ = stack.environment("gateway")
    broker_url = environ["PORCHLIGHT_BROKER_URL"]
    client = RpcClient(broker_url)
    client.connect(CONNECT_TIMEOUT_S)
    try:
        services = Services(caller=client, environ=environ)
        click.echo("loading thirty customers and two seasons of invoices …")
        loading.load(services, services.today())
        ready = visiting.ready_log_in(services, stack.url("sandbox"))
    finally:
        client.close()
    say_addresses(stack.url("gateway"), stack.url("sandbox"), ready, time.monotonic() - started)
    click.echo(f"  For commands:    export PORCHLIGHT_BROKER_URL={broker_url}")
    click.echo(f"  Logs             {stack.folder}")
    for name in stack.running:
        click.echo(f"  {name:<16} process {stack.pid(name)}")
