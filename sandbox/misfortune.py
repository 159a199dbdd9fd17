"""Letting the switchboard's rules strike a request."""

import time

from sandbox.faults import Faults, When


class Dropped(Exception):
    """The connection is to end without an answer."""


class Refused(Exception):
    """The answer is to be this error status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def strike(faults: Faults, method: str, path: str, when: When) -> float:
    """Waits as long as the rules say and returns the seconds; raises Dropped or Refused where they say so."""
    delayed_s = 0.0
    rules = faults.take(method, path, when)
    for rule in rules:
        if rule.action == "delay":
            delayed_s += rule.delay_s
    if delayed_s:
        time.sleep(delayed_s)
    for rule in rules:
        if rule.action == "drop":
            raise Dropped
        if rule.action == "status":
            raise Refused(rule.status)
    return delayed_s
