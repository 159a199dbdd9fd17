"""Waiting for a condition with a deadline, in place of sleeping and hoping."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

PATIENCE_S = 45.0
"""Generous: a broker that starts again on a busy machine may answer its first request only after fifteen seconds."""


def eventually(condition: Callable[[], Value], timeout_s: float = PATIENCE_S, *, what: str = "it") -> Value:
    """Return the condition's first true value; fail with its last one after `timeout_s` seconds."""
    give_up_at = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < give_up_at, f"{what} did not come about within {timeout_s:g} s; last: {value!r}"
        time.sleep(0.02)
    return value
