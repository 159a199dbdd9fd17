"""A process that runs services until it is told to stop: exit codes, the health port, migrations."""

import argparse
import logging
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import eventlet

from chassis import logs, masking
from chassis import settings as settings_module
from chassis.health import HealthServer
from chassis.hosting import CannotStart, Host, Hosted
from chassis.settings import ServiceSettings, SettingsError
from chassis.signals import StopSignals, first_of

log = logging.getLogger(__name__)


def main(
    service: type, settings_type: type[ServiceSettings], migrations: str, arguments: Sequence[str] | None = None
) -> NoReturn:
    """Run `python -m services.<name>`, or with the word `migrate` bring its database up to date; then exit.

    Exits 0 when stopped by SIGTERM or SIGINT, 1 when something is missing or fails; the reason is on standard
    error.
    """
    parser = argparse.ArgumentParser(description=(service.__doc__ or "").strip().partition("\n")[0])
    parser.add_argument("action", nargs="?", choices=("run", "migrate"), default="run")
    action = parser.parse_args(arguments).action
    try:
        settings = settings_module.load(settings_type)
    except SettingsError as error:
        sys.exit(f"{service.name}: {error}")  # type: ignore[attr-defined]
    logs.configure(level=settings.log_level, log_format=settings.log_format, service=service.name)  # type: ignore[attr-defined]
    masking.hide_settings(settings)
    hosted = Hosted(service=service, settings=settings, migrations=migrations)
    sys.exit(migrate(hosted) if action == "migrate" else run(hosted))


def run(*hosted: Hosted) -> int:
    """Run these services in this process until SIGTERM or SIGINT; return the exit code.

    The first one's settings say where health is answered and how long stopping may take. A second signal, or
    the end of the grace period, cuts off what still runs.
    """
    settings = hosted[0].settings
    stop_requested = StopSignals()
    host = Host(hosted)
    try:
        health_server = _health_server(settings, host)
        starting = eventlet.spawn(host.start)
        if not first_of(starting, stop_requested):
            host.kill()
            return 0
    except CannotStart as error:
        log.critical("%s", error)
        return 1
    except Exception:
        log.critical("the services could not be started", exc_info=True)
        return 1
    ending = eventlet.spawn(host.wait)
    try:
        died = first_of(ending, stop_requested)
    except Exception:
        # The service that died has logged why.
        log.critical("stopping, because a service died", exc_info=True)
        died = True
    log.info("stopping; what runs may take %g s to finish", settings.stop_grace_s)
    if not first_of(eventlet.spawn(host.stop, settings.stop_grace_s), stop_requested, signals=1 if died else 2):
        log.warning("asked to stop again: what still runs is cut off")
        host.kill()
    if health_server is not None:
        health_server.close()
    stop_requested.ignore_from_now_on()
    log.info("stopped")
    return 1 if died else 0


def migrate(hosted: Hosted) -> int:
    """Bring one service's database up to date and return the exit code."""
    # Alembic is loaded here only: a running service has no use for it.
    from chassis import migrations
    from chassis.database import shared
    from chassis.database_errors import UnreachableDatabase

    settings: Any = hosted.settings
    try:
        shared(settings.database_url).wait_until_reachable(settings.start_timeout_s)
        migrations.upgrade(settings.database_url, hosted.migrations or "")
    except UnreachableDatabase as error:
        log.critical("%s", error)
        return 1
    log.info("the database %s is up to date", shared(settings.database_url).address)
    return 0


def _health_server(settings: ServiceSettings, host: Host) -> HealthServer | None:
    if not settings.health_port:
        return None
    try:
        return HealthServer(host=settings.health_host, port=settings.health_port, check=host.readiness)
    except OSError as error:
        address = f"{settings.health_host}:{settings.health_port}"
        raise CannotStart(f"cannot answer for the service's health at {address}: {error.strerror}") from error
