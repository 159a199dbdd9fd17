"""Waiting for a condition with a deadline, in place of sleeping and hoping."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def eventually(condition: Callable[[], Value], timeout_s: float = 20.0) -> Value:
    """Return the condition's first true value; fail with its last one after `timeout_s` seconds."""
    give_up_at = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < give_up_at, f"not within {timeout_s:g} s; last seen: {value!r}"
        time.sleep(0.02)
    return value
