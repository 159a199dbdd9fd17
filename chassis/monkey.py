"""Making the standard library and psycopg2 cooperative. Call `patch` before importing anything else."""

import functools
import ipaddress
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

DATABASE_SILENCE_S = 40
"""A database that says nothing for so long is given up: longer than PostgreSQL's own statement_timeout."""


def patch() -> None:
    """Patch this process for eventlet and check that waiting for PostgreSQL lets others run."""
    # eventlet's own resolver costs every process eight megabytes, and reads less than the system's does.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    import eventlet

    eventlet.monkey_patch()
    _resolve_in_threads()
    from psycopg2 import extensions

    extensions.set_wait_callback(_wait)
    if extensions.get_wait_callback() is not _wait:
        raise RuntimeError("psycopg2 would block every greenlet of this process while it waits")


def deadline(timeout_s: float) -> AbstractContextManager[object]:
    """Raise TimeoutError in a block that takes longer, where the process is patched; elsewhere do nothing."""
    if "eventlet" not in sys.modules:
        return nullcontext()
    import eventlet

    if not eventlet.patcher.is_monkey_patched("socket"):
        return nullcontext()
    bound: AbstractContextManager[object] = eventlet.Timeout(timeout_s, TimeoutError(f"took over {timeout_s:g} s"))
    return bound


def _resolve_in_threads() -> None:
    import socket

    from eventlet import tpool
    from eventlet.green import _socket_nodns
    from eventlet.green import socket as green_socket

    blocking = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        # An address needs no look-up, and so no thread.
        look_up = blocking if _is_address(host) else functools.partial(tpool.execute, blocking)
        return look_up(host, *arguments, **options)

    for module in (socket, green_socket, _socket_nodns):
        vars(module)["getaddrinfo"] = getaddrinfo


def _is_address(host: Any) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host in (None, "", "localhost")
    return True


def _wait(connection: object) -> None:
    # eventlet's own callback waits without bound, also while a connection is being made.
    from eventlet.hubs import trampoline
    from psycopg2 import OperationalError, extensions

    while (state := connection.poll()) != extensions.POLL_OK:  # type: ignore[attr-defined]
        trampoline(
            connection.fileno(),  # type: ignore[attr-defined]
            read=state == extensions.POLL_READ,
            write=state == extensions.POLL_WRITE,
            timeout=DATABASE_SILENCE_S,
            timeout_exc=OperationalError(f"the database said nothing for {DATABASE_SILENCE_S} s"),
        )
