"""Reads docker-compose.yml as far as starting its processes without Docker needs: commands, environment, ports, order.

Nothing here starts anything (porchlight/local_stack.py does). What Compose's specification allows and this file does
not use is not read: anchors and `${VARIABLE}` in their five forms are, an `env_file` is not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

# https://docs.docker.com/reference/compose-file/interpolation/
_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>[A-Za-z_]\w*)(?:(?P<operator>:?[-?+])(?P<argument>[^}]*))?\})")
_HEALTH_URL = re.compile(r"http://127\.0\.0\.1:(?P<port>\d+)(?P<path>/[\w/-]*)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60}
EVERY_INTERFACE = "0.0.0.0"  # noqa: S104 - looked for in the file, to be replaced by loopback


class ComposeError(ValueError):
    """docker-compose.yml cannot be used, or a variable it requires has no value; the message names which."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service of the file, still with `${VARIABLE}` in its environment."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ports: tuple[int, ...]
    """What it listens on inside its container (`expose`)."""
    depends_on: Mapping[str, str]
    """Service name to the condition that it waits for."""
    health_port: int | None
    health_path: str
    stop_grace_s: float
    profiles: tuple[str, ...]
    built: bool
    """Whether it runs the project's own image."""


@dataclass(frozen=True, kw_only=True)
class Composition:
    """The whole file."""

    folder: Path
    services: Mapping[str, Service]

    def ports(self) -> list[tuple[str, int]]:
        """Every (service, port) that something may connect to."""
        return [(service.name, port) for service in self.services.values() for port in service.ports]

    def start_order(self, names: set[str]) -> list[str]:
        """The named services, each after those it depends on. Raises ComposeError for a circle."""
        ordered: list[str] = []

        def visit(name: str, path: tuple[str, ...]) -> None:
            if name in path:
                raise ComposeError(f"services wait for one another: {' → '.join([*path, name])}")
            if name in ordered or name not in names:
                return
            for other in self.services[name].depends_on:
                visit(other, (*path, name))
            ordered.append(name)

        for name in sorted(names):
            visit(name, ())
        return ordered


@dataclass(frozen=True, kw_only=True)
class LocalAddresses:
    """Where each (service, port) of the file really is, on loopback."""

    ports: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def of(self, service: str, port: int) -> int:
        """The local port, or ComposeError where the file exposes none such."""
        try:
            return self.ports[service, port]
        except KeyError:
            raise ComposeError(f"docker-compose.yml exposes no port {port} of {service}") from None

    def environment(self, service: Service, variables: Mapping[str, str]) -> dict[str, str]:
        """The service's environment, filled in, with every address of the file replaced by the local one.

        `host:port` of a service becomes 127.0.0.1 and its local port; a port of its own, alone or after 0.0.0.0,
        becomes its own local one.
        """
        return {
            name: self._localised(interpolated(value, variables), service)
            for name, value in service.environment.items()
        }

    def _localised(self, value: str, service: Service) -> str:
        for (host, port), local in self.ports.items():
            value = re.sub(rf"(?<=[@/]){re.escape(host)}:{port}\b", f"127.0.0.1:{local}", value)
        for port in service.ports:
            local = self.of(service.name, port)
            value = value.replace(f"{EVERY_INTERFACE}:{port}", f"127.0.0.1:{local}")
            if value == str(port):
                value = str(local)
        return "127.0.0.1" if value == EVERY_INTERFACE else value


def read(path: Path) -> Composition:
    """The file's services. Raises ComposeError for one that cannot be read."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ComposeError(f"{path.name} cannot be read: {error}") from error
    services = {name: _service(name, entry) for name, entry in document["services"].items()}
    for service in services.values():
        unknown = set(service.depends_on) - set(services)
        if unknown:
            raise ComposeError(f"{service.name} depends on {', '.join(sorted(unknown))}, which the file does not have")
    return Composition(folder=path.parent, services=services)


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """`text` with `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+other}` and `$$` replaced as Compose does
    (without the colon, an empty variable counts as set). Raises ComposeError naming a required variable."""

    def replacement(match: re.Match[str]) -> str:
        name, operator, argument = match["name"], match["operator"] or "", match["argument"] or ""
        if name is None:
            return "$"
        value = variables.get(name)
        present = bool(value) if operator.startswith(":") else value is not None
        match operator[-1:]:
            case "-":
                return value or "" if present else argument
            case "+":
                return argument if present else ""
            case "?" if not present:
                raise ComposeError(f"{name} is not set{': ' + argument if argument else ''} (see .env.example)")
        return value or ""

    return _VARIABLE.sub(replacement, text)


def variables_in(text: str) -> set[str]:
    """The names of the variables that a text refers to."""
    return {match["name"] for match in _VARIABLE.finditer(text) if match["name"]}


def _service(name: str, entry: Mapping[str, Any]) -> Service:
    command = entry.get("command", ())
    if isinstance(command, str):
        raise ComposeError(f"{name}: write the command as a list, so that no shell takes it apart")
    depends_on = entry.get("depends_on", {})
    if not isinstance(depends_on, Mapping):
        raise ComposeError(f"{name}: depends_on needs conditions")
    health = _HEALTH_URL.search(" ".join(entry.get("healthcheck", {}).get("test", ())))
    return Service(
        name=name,
        command=tuple(command),
        environment={key: str(value) for key, value in entry.get("environment", {}).items()},
        ports=tuple(int(port) for port in entry.get("expose", ())),
        depends_on={other: condition["condition"] for other, condition in depends_on.items()},
        health_port=int(health["port"]) if health else None,
        health_path=health["path"] if health else "",
        stop_grace_s=_seconds(entry.get("stop_grace_period", "10s")),
        profiles=tuple(entry.get("profiles", ())),
        built="build" in entry,
    )


def _seconds(duration: object) -> float:
    parts = re.findall(r"(\d+)(ms|s|m)", str(duration))
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ComposeError(f"{duration!r} is no duration such as 45s or 1m30s")
    return sum(int(number) * _SECONDS[unit] for number, unit in parts)
