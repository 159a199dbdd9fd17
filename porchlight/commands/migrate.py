"""`porchlight migrate`: databases and queues as this version needs them, before anything is started."""

import os

import click
from kombu import Connection
from kombu.utils.url import maybe_sanitize_url

from chassis import topology
from chassis.hosting import check_broker
from chassis.migrations import upgrade
from chassis.settings import SettingsError
from porchlight.connection import is_distributed
from porchlight.embedded.home import Home
from porchlight.migrations import MIGRATIONS, database_variable


@click.command()
def migrate() -> None:
    """Upgrade every service's database and declare the queues. Safe to repeat."""
    if is_distributed(os.environ):
        _migrate({service: os.environ.get(database_variable(service), "") for service in MIGRATIONS})
        _declare(os.environ["PORCHLIGHT_BROKER_URL"])
        return
    home = Home.named_in(os.environ)
    with home.lock():
        _migrate({service: home.database_url(service) for service in MIGRATIONS})


def _migrate(urls: dict[str, str]) -> None:
    if missing := [service for service, url in urls.items() if not url]:
        raise SettingsError({database_variable(service): f"is not set ({service}'s database)" for service in missing})
    for service, url in urls.items():
        upgrade(url, MIGRATIONS[service])
        click.echo(f"{service}: up to date")


def _declare(broker_url: str) -> None:
    check_broker(broker_url)
    with Connection(broker_url) as connection:
        topology.declare_to_last(connection)
    click.echo(f"queues on {maybe_sanitize_url(broker_url)}: declared")
