"""Whether a service lives and is ready: for `/livez`, `/readyz`, the RPC method `health` and the embedded mode.

A part of a service that can be in trouble has a method `problems()` that returns sentences, none if all is well.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
import msgspec
from eventlet import wsgi

from chassis import database, logs, schema
from chassis.database_errors import UnreachableDatabase

log = logging.getLogger(__name__)

CHECK_TIMEOUT_S = 4.0
MIGRATIONS_KEY = "MIGRATIONS"
"""Where a container's configuration names the package of its service's migrations."""


def problems_of(container: Any) -> list[str]:
    """Return what keeps the service in `container` from doing its work: broker, queues, database, tables."""
    if not container.started:
        return [f"{container.service_name} is not running"]
    problems: list[str] = []
    for extension in container.extensions:
        ask = getattr(extension, "problems", None)
        if ask is not None:
            problems += ask()
    problems += _problems_of_database(container.config)
    return sorted(set(problems))


def _problems_of_database(config: dict[str, Any]) -> list[str]:
    url = getattr(config.get("SETTINGS"), "database_url", None)
    if url is None:
        return []
    own = database.shared(url)
    try:
        with eventlet.Timeout(CHECK_TIMEOUT_S):
            if package := config.get(MIGRATIONS_KEY):
                problem = schema.problem(own, package)
                return [problem] if problem else []
            own.check()
            return []
    except UnreachableDatabase as error:
        return [str(error)]
    except eventlet.Timeout:
        return [f"the database {own.address} does not answer"]


def readiness(containers: Iterable[Any]) -> dict[str, list[str]]:
    """Return each service's problems by its name, an empty list where there are none."""
    return {container.service_name: problems_of(container) for container in containers}


class HealthServer:
    """Answers `/livez` and `/readyz` over HTTP: 200 or 503, with the reasons as JSON."""

    def __init__(self, *, host: str, port: int, check: Callable[[], dict[str, list[str]]]) -> None:
        self._check = check
        self._listener = eventlet.listen((host, port))
        self._greenlet = eventlet.spawn(self._serve)

    @property
    def port(self) -> int:
        """The port, also when 0 was asked for."""
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        """Answer no more."""
        self._greenlet.kill()
        self._listener.close()

    def _serve(self) -> None:
        logs.name_service("health")
        wsgi.server(self._listener, self._respond, log=log, log_output=False, keepalive=False, max_size=20)

    def _respond(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/livez":
            # That this line runs is the check: the hub turns.
            status, answer = "200 OK", {"status": "alive"}
        elif path == "/readyz":
            status, answer = self._readiness()
        else:
            status, answer = "404 Not Found", {"status": "not found"}
        body = msgspec.json.encode(answer)
        start_response(
            status,
            [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
            ],
        )
        return [body]

    def _readiness(self) -> tuple[str, dict[str, Any]]:
        try:
            problems = self._check()
        except Exception as error:
            log.exception("the check of readiness failed")
            problems = {"health": [type(error).__name__]}
        if any(problems.values()):
            return "503 Service Unavailable", {"status": "not ready", "problems": problems}
        return "200 OK", {"status": "ready", "problems": problems}
