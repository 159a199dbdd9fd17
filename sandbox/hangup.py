"""Ending a connection without an answer, under each server that the sandbox runs on."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

from flask import Response

ANSWER_LOST_BYTES = 1 << 16


def hang_up(environ: dict[str, Any]) -> Response:
    """Closes the caller's connection and returns a response for the server to fail at sending.

    Where the server does not show its socket the response is cut short instead: it promises more than it sends,
    which a client sees as a broken connection just the same.
    """
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if connection is None and hasattr(environ.get("eventlet.input"), "get_socket"):
        connection = environ["eventlet.input"].get_socket()
    if connection is not None:
        with contextlib.suppress(OSError):  # The caller may have been quicker.
            connection.shutdown(socket.SHUT_RDWR)
    response = Response(_cut_short(), mimetype="application/octet-stream")
    response.headers["Content-Length"] = str(ANSWER_LOST_BYTES)
    response.headers["Connection"] = "close"
    return response


def _cut_short() -> Iterator[bytes]:
    yield b" "
