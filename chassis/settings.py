"""Settings: read once from the environment into a frozen Struct, checked whole before anything starts.

A settings type is a frozen msgspec Struct whose fields say which variable they come from:

    class MailSettings(ServiceSettings):
        mail_url: Annotated[str, Env("PORCHLIGHT_MAIL_URL", "Where mail goes, smtp://… or smtps://…")]

A field with a default is optional. An empty variable counts as unset, because compose files cannot unset one.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, get_type_hints
from urllib.parse import unquote, urlsplit

import msgspec

from chassis.setting_checks import currency_code, known_time_zone

SHORTEST_SECRET = 16
"""Fewer characters than this is no secret, whatever they are."""

_PLACEHOLDER = re.compile(
    r"change[-_ ]?(me|it|this)|replace[-_ ]?(me|it|this)|placeholder|example"
    # Short words alone: of 400,000 secrets drawn at random, 15 had one of them somewhere in the middle.
    r"|(?<![a-z0-9])((your|insert)[-_ ]|(todo|dummy)(?![a-z0-9]))"
    r"|^<.*>$|^\$\{?|^(?P<one>.)(?P=one)+$|^(secret|password)$",
    re.IGNORECASE,
)

Settings = TypeVar("Settings", bound=msgspec.Struct)


@dataclass(frozen=True)
class Env:
    """Where a setting comes from: the variable `name`, and what it means in one line.

    `secret`: never shown, and refused when it is a placeholder or shorter than 16 characters. `check` raises
    ValueError with a reason when a value is wrong in a way that the field's type does not say.
    """

    name: str
    about: str
    secret: bool = False
    check: Callable[[str], object] | None = None


class SettingsError(Exception):
    """The environment does not make a complete set of settings. The message names every variable at fault."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        lines = [f"  {name}: {fault}" for name, fault in self.faults.items()]
        super().__init__("settings are missing or wrong:\n" + "\n".join(lines))


@dataclass(frozen=True)
class Variable:
    """One line of the documentation of settings. `default` is None for a variable that must be set."""

    name: str
    about: str
    default: str | None
    secret: bool


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every service needs. Subclasses add their own; they repeat `frozen=True, kw_only=True`."""

    broker_url: Annotated[
        str, Env("PORCHLIGHT_BROKER_URL", "The message broker: amqp://user:password@host:5672/virtual-host")
    ]
    time_zone: Annotated[
        str,
        Env("PORCHLIGHT_BUSINESS_TIME_ZONE", "The business's time zone; it decides today", check=known_time_zone),
    ] = "America/New_York"
    currency: Annotated[str, Env("PORCHLIGHT_CURRENCY", "The business's currency, ISO 4217", check=currency_code)] = (
        "USD"
    )
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Env("PORCHLIGHT_LOG_LEVEL", "The least that is logged")
    ] = "info"
    log_format: Annotated[
        Literal["json", "text"], Env("PORCHLIGHT_LOG_FORMAT", "json for programs, text for people")
    ] = "json"
    health_port: Annotated[
        int, msgspec.Meta(ge=0, le=65535), Env("PORCHLIGHT_HEALTH_PORT", "Port of /livez and /readyz; 0: none")
    ] = 0
    health_host: Annotated[str, Env("PORCHLIGHT_HEALTH_HOST", "Address on which /livez and /readyz are answered")] = (
        "127.0.0.1"
    )
    max_workers: Annotated[
        int,
        msgspec.Meta(ge=1, le=200),
        Env("PORCHLIGHT_MAX_WORKERS", "Requests that one process works on at the same time"),
    ] = 10
    start_timeout_s: Annotated[
        float,
        msgspec.Meta(ge=0, le=3600),
        Env("PORCHLIGHT_START_TIMEOUT_S", "How long to try to reach broker and database at start"),
    ] = 60.0
    stop_grace_s: Annotated[
        float,
        msgspec.Meta(ge=0, le=3600),
        Env("PORCHLIGHT_STOP_GRACE_S", "How long running work may take to finish when asked to stop"),
    ] = 30.0

    def __repr__(self) -> str:
        """Name the type only: settings hold passwords, and a repr ends up in tracebacks."""
        return f"<{type(self).__name__}>"


def load(settings_type: type[Settings], environ: Mapping[str, str] | None = None) -> Settings:
    """Read `settings_type` from `environ` (the process's own by default), or raise SettingsError for all faults."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for field, annotation, env in fields_of(settings_type):
        text = environ.get(env.name, "").strip()
        if not text:
            if field.required:
                faults[env.name] = f"is not set ({env.about})"
            continue
        try:
            values[field.name] = _read(text, annotation, env)
        except (ValueError, msgspec.ValidationError) as error:
            faults[env.name] = str(error)
    if faults:
        raise SettingsError(faults)
    return settings_type(**values)


def describe(settings_type: type[msgspec.Struct]) -> list[Variable]:
    """List the variables that `settings_type` is read from, in the order of its fields."""
    variables = []
    for field, _, env in fields_of(settings_type):
        default = None if field.required else _as_text(field.default)
        variables.append(Variable(env.name, env.about, default, env.secret))
    return variables


def fields_of(settings_type: type[msgspec.Struct]) -> list[tuple[msgspec.structs.FieldInfo, Any, Env]]:
    """Return each field of `settings_type` with its annotation and the variable it is read from."""
    hints = get_type_hints(settings_type, include_extras=True)
    found = []
    for field in msgspec.structs.fields(settings_type):
        annotation = hints[field.name]
        env = next((item for item in getattr(annotation, "__metadata__", ()) if isinstance(item, Env)), None)
        if env is None:
            raise TypeError(f"{settings_type.__name__}.{field.name} does not say which variable it comes from")
        found.append((field, annotation, env))
    return found


def _read(text: str, annotation: Any, env: Env) -> Any:
    if env.secret:
        _refuse_placeholder(text)
        if len(text) < SHORTEST_SECRET:
            raise ValueError(f"is a secret and must have at least {SHORTEST_SECRET} characters")
    elif "://" in text:
        _refuse_placeholder(password_in(text))
    if env.check is not None:
        env.check(text)
    return msgspec.convert(text, annotation, strict=False)


def _refuse_placeholder(secret: str | None) -> None:
    # The value itself is never repeated: the message goes to logs.
    if secret and _PLACEHOLDER.search(secret):
        raise ValueError("still holds a placeholder instead of a secret")


def password_in(url: str) -> str | None:
    """Return the password in a URL, or None. Raises ValueError if it is none."""
    try:
        password = urlsplit(url).password
    except ValueError:
        raise ValueError("is not a URL") from None
    return unquote(password) if password else None


def _as_text(default: Any) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)
