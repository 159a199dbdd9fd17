"""Making the standard library and psycopg2 cooperative. Call `patch` before importing anything else."""

import sys
from contextlib import AbstractContextManager, nullcontext

DATABASE_SILENCE_S = 40
"""A database that says nothing for so long is given up: longer than PostgreSQL's own statement_timeout."""


def patch() -> None:
    """Patch this process for eventlet and check that waiting for PostgreSQL lets others run."""
    import eventlet

    eventlet.monkey_patch()
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
