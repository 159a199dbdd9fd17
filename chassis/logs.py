"""Logs: one line an entry on standard error, JSON for programs or text for people, without secrets.

Everything that logs through the standard library ends up here, the framework and libraries too. Each entry
carries the service and the correlation id of what was being done.
"""

import logging
import sys
import threading
from collections.abc import MutableMapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Literal

import msgspec
import structlog

from chassis import correlation
from chassis.masking import mask_entry

LEAST_LEVELS = {
    **dict.fromkeys(("amqp", "kombu", "nameko", "urllib3"), logging.INFO),
    # These tell every statement and request with what was in it.
    **dict.fromkeys(("sqlalchemy", "stripe", "alembic", "twilio"), logging.WARNING),
}
"""Libraries whose lesser messages drown everything else, or hold what is nobody's business."""

_service: ContextVar[str] = ContextVar("service", default="")
_process_name = ""

log = logging.getLogger(__name__)


def configure(
    *,
    level: str = "info",
    log_format: Literal["json", "text"] = "json",
    service: str = "",
) -> None:
    """Send this process's logs to standard error. `service` names it where nothing more precise is known."""
    global _process_name
    _process_name = service
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(log_format))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in LEAST_LEVELS.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_ABOUT_ENTRY,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def name_service(service: str) -> None:
    """Let this greenlet or thread log in the name of `service` from now on."""
    _service.set(service)


def _formatter(log_format: str) -> logging.Formatter:
    if log_format == "json":
        rendering: list[Any] = [
            structlog.processors.format_exc_info,
            mask_entry,
            structlog.processors.JSONRenderer(serializer=_as_json, sort_keys=False),
        ]
    else:
        rendering = [
            structlog.processors.format_exc_info,
            mask_entry,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_ABOUT_ENTRY,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    )


def _add_context(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if service := _service.get() or _process_name:
        entry["service"] = service
    if correlation_id := correlation.current():
        entry["correlation_id"] = correlation_id
    return entry


_ABOUT_ENTRY: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _add_context,
]
"""What every entry is given, whether it was logged through the standard library or through structlog."""


def _as_json(entry: Any, **_options: Any) -> str:
    return msgspec.json.encode(entry, enc_hook=str).decode()


def _log_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("an error that nobody handled", exc_info=(kind, error, traceback))


def _log_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None and arguments.exc_type is not SystemExit:
        _log_uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
