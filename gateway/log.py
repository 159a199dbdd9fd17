"""The gateway's log: one structured line a request, without query, token or body."""

import time

import structlog
from flask import Flask, Response, g, request

from chassis import correlation

log = structlog.get_logger("gateway")

CORRELATION_HEADER = "X-Request-Id"
_QUIET = ("health.livez", "health.readyz", "assets.static_file")


def init_app(app: Flask) -> None:
    """Give every request a correlation id of its own and write a line about it."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    # Never the browser's: an id that a stranger chooses would let him hide among others' lines.
    correlation.begin()
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers[CORRELATION_HEADER] = correlation.current()
    if request.endpoint not in _QUIET:
        log.info(
            "request",
            method=request.method,
            # The rule, not the path: a path can hold the secret of a one-time link.
            page=str(request.url_rule) if request.url_rule else "unknown",
            status=response.status_code,
            ms=round((time.perf_counter() - g.began) * 1000, 1),
        )
    return response
