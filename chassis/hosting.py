"""Running services in this process: all of them in the embedded mode, one in the distributed mode."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import eventlet
from eventlet.event import Event
from kombu import Connection
from kombu.utils.url import maybe_sanitize_url

from chassis import database, health, inprocess, logs, schema
from chassis.container import Container
from chassis.database_errors import UnreachableDatabase
from chassis.settings import ServiceSettings

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 3.0
CONNECT_TIMEOUT_S = 5.0


class CannotStart(Exception):
    """What the services need is not there. The message names it, with passwords masked."""


@dataclass(frozen=True, kw_only=True)
class Hosted:
    """A service class, its settings, and the package of its migrations."""

    service: type
    settings: ServiceSettings
    migrations: str | None = None


class Host:
    """Containers for several services in one patched process, started and stopped together."""

    def __init__(self, hosted: Sequence[Hosted]) -> None:
        self._hosted = list(hosted)
        self._ended = Event()
        self._starting: list[Any] = []
        self._has_started = False
        self._stopping = False
        self.containers = [Container(each.service, _config_of(each)) for each in self._hosted]

    def start(self) -> None:
        """Wait for broker and databases, then start every service. Raises CannotStart after the start time-out."""
        for each in self._hosted:
            _await_what_it_needs(each)
        # Set up together, so that none works before all can hear it; the first that fails ends the start.
        self._starting = [eventlet.spawn(_start, container) for container in self.containers]
        for greenlet in self._starting:
            greenlet.wait()
        self._has_started = True
        for container in self.containers:
            eventlet.spawn(self._watch, container)

    def wait(self) -> None:
        """Return when asked to `stop`; raise what a service died of, if one does."""
        self._ended.wait()

    def stop(self, grace_s: float) -> bool:
        """Take no more work and finish what runs, for at most `grace_s` seconds; False if some was cut off.

        A start that has not come to its end is broken off: nameko cannot stop what it has not started.
        """
        self._stopping = True
        if not self._has_started:
            self.kill()
            return True
        stopping = [eventlet.spawn(container.stop) for container in self.containers]
        finished = True
        try:
            with eventlet.Timeout(grace_s):
                for greenlet in stopping:
                    greenlet.wait()
        except eventlet.Timeout:
            finished = False
            log.warning("work was still running after %g s and is cut off", grace_s)
            self.kill()
        self._end(None)
        return finished

    def kill(self) -> None:
        """Cut everything off. What was not acknowledged is delivered again at the next start."""
        self._stopping = True
        for greenlet in self._starting:
            greenlet.kill()
        for container in self.containers:
            with eventlet.Timeout(CONNECT_TIMEOUT_S, False):
                container.kill()
        self._end(None)

    def readiness(self) -> dict[str, list[str]]:
        """Return each service's problems by its name; all lists are empty when everything can work."""
        if self._stopping:
            return {container.service_name: ["it is being stopped"] for container in self.containers}
        return health.readiness(self.containers)

    def _watch(self, container: Container) -> None:
        try:
            container.wait()
        except BaseException as error:
            if not self._stopping:
                log.critical("the service %s died: %s", container.service_name, error)
            self._end(error)
        else:
            self._end(None if self._stopping else RuntimeError(f"{container.service_name} stopped by itself"))

    def _end(self, error: BaseException | None) -> None:
        if not self._ended.ready():
            if error is None:
                self._ended.send(None)
            else:
                self._ended.send_exception(error)


def _config_of(each: Hosted) -> dict[str, Any]:
    return {
        "AMQP_URI": each.settings.broker_url,
        "max_workers": each.settings.max_workers,
        "SETTINGS": each.settings,
        health.MIGRATIONS_KEY: each.migrations,
    }


def _start(container: Container) -> None:
    logs.name_service(container.service_name)
    container.start()
    log.info("started %s", container.service_name)


def _await_what_it_needs(each: Hosted) -> None:
    timeout_s = each.settings.start_timeout_s
    _retry(lambda: check_broker(each.settings.broker_url), timeout_s)
    if (url := getattr(each.settings, "database_url", None)) is not None:
        _retry(lambda: _check_database(url, each.migrations), timeout_s)
    for check in getattr(each.service, "start_checks", ()):
        check(each.settings)


def check_broker(broker_url: str) -> None:
    """Return if the broker lets us in; raise CannotStart, naming it, if not."""
    if broker_url.startswith(f"{inprocess.SCHEME}:"):
        return
    address = maybe_sanitize_url(broker_url)
    connection = Connection(broker_url, connect_timeout=CONNECT_TIMEOUT_S, transport_options={})
    try:
        with eventlet.Timeout(CONNECT_TIMEOUT_S * 2, TimeoutError("it does not answer")):
            connection.transport.establish_connection().close()
    except Exception as error:
        raise CannotStart(f"cannot reach the broker {address}: {error or type(error).__name__}") from error


def _check_database(url: str, migrations: str | None) -> None:
    own = database.shared(url)
    try:
        with eventlet.Timeout(CONNECT_TIMEOUT_S * 2, UnreachableDatabase(f"{own.address} does not answer")):
            own.check()
            problem = schema.problem(own, migrations) if migrations else None
    except UnreachableDatabase as error:
        raise CannotStart(str(error)) from error
    if problem:
        raise CannotStart(problem)


def _retry(check: Callable[[], None], timeout_s: float) -> None:
    give_up_at = time.monotonic() + timeout_s
    pause_s = FIRST_PAUSE_S
    said = ""
    while True:
        try:
            return check()
        except CannotStart as error:
            if time.monotonic() + pause_s > give_up_at:
                raise
            if str(error) != said:
                said = str(error)
                log.warning("%s; trying again for %.0f s", said, give_up_at - time.monotonic())
        eventlet.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
