"""The correlation id: one name for everything that a request sets off, in logs, RPC headers and events.

It lives in a context variable, which greenlets and threads each have their own of.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "correlation_id"
"""The AMQP header that carries it. Not the property of that name, which pairs a reply with its request."""

_LONGEST = 64
_WELL_FORMED = re.compile(rf"[A-Za-z0-9._:-]{{1,{_LONGEST}}}")

_current: ContextVar[str] = ContextVar("correlation_id", default="")


def current() -> str:
    """Return the id of what is being done here, "" outside of any request."""
    return _current.get()


def current_or_new() -> str:
    """Return the id of what is being done here; outside of any request a new one, which is then kept."""
    return _current.get() or begin()


def begin(correlation_id: str | None = None) -> str:
    """Let this greenlet or thread go on under `correlation_id`, or a new one if it is absent or malformed.

    Ids come from other programs: one that could break a log line or a header is replaced.
    """
    if not (isinstance(correlation_id, str) and _WELL_FORMED.fullmatch(correlation_id)):
        correlation_id = uuid.uuid4().hex
    _current.set(correlation_id)
    return correlation_id


@contextmanager
def bound(correlation_id: str | None = None) -> Iterator[str]:
    """Work under `correlation_id` (or a new one) inside the block, under the former one after it."""
    before = _current.get()
    try:
        yield begin(correlation_id)
    finally:
        _current.set(before)
