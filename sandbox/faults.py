"""The switchboard of failures: what should go wrong with which requests, and how often."""

import re
import threading
from dataclasses import asdict, dataclass
from typing import Any, Literal

Action = Literal["drop", "status", "delay"]
When = Literal["before", "after"]

RULES_MAX = 100
DELAY_S_MAX = 300.0


class FaultError(ValueError):
    """The rule cannot be used; the message says why."""


@dataclass(kw_only=True)
class Rule:
    """One thing to go wrong.

    `drop` ends the connection without an answer, `status` answers with that number, `delay` waits `delay_s` first.
    `when` is before the work is done or after it: an answer dropped after the work is the unknown outcome.
    """

    id: int
    action: Action
    when: When
    method: str
    path: str
    times: int
    status: int
    delay_s: float
    skip: int


class Faults:
    """The rules in force, oldest first; a rule is spent after `times` uses. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._made = 0

    def add(self, wanted: dict[str, Any]) -> Rule:
        """Puts a rule in force. Raises FaultError naming what is wrong with it."""
        unknown = set(wanted) - {"action", "when", "method", "path", "times", "status", "delay_s", "skip"}
        if unknown:
            raise FaultError(f"unknown: {', '.join(sorted(unknown))}")
        action, when = wanted.get("action"), wanted.get("when", "after")
        if action not in ("drop", "status", "delay"):
            raise FaultError("action must be drop, status or delay")
        if when not in ("before", "after"):
            raise FaultError("when must be before or after")
        try:
            re.compile(wanted.get("path", ""))
            rule = Rule(
                id=0,
                action=action,
                when=when,
                method=str(wanted.get("method", "")).upper(),
                path=str(wanted.get("path", "")),
                times=int(wanted.get("times", 1)),
                status=int(wanted.get("status", 500)),
                delay_s=min(float(wanted.get("delay_s", 0)), DELAY_S_MAX),
                skip=int(wanted.get("skip", 0)),
            )
        except (TypeError, ValueError, re.error) as error:
            raise FaultError(str(error)) from error
        if rule.times < 1 or rule.skip < 0 or rule.delay_s < 0 or not 400 <= rule.status <= 599:
            raise FaultError("times from 1, skip and delay_s from 0, status 400 to 599")
        with self._lock:
            if len(self._rules) >= RULES_MAX:
                raise FaultError(f"at most {RULES_MAX} rules")
            self._made += 1
            rule.id = self._made
            self._rules.append(rule)
        return rule

    def take(self, method: str, path: str, when: When) -> list[Rule]:
        """The rules that strike this request now; each counts as used once."""
        if not self._rules:
            return []
        struck = []
        with self._lock:
            for rule in self._rules:
                if rule.when != when or rule.method not in ("", method) or not re.search(rule.path, path):
                    continue
                if rule.skip:
                    rule.skip -= 1
                    continue
                rule.times -= 1
                struck.append(rule)
            self._rules = [rule for rule in self._rules if rule.times > 0]
        return struck

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._rules = []

    def listed(self) -> list[dict[str, Any]]:
        """The rules in force, with the uses that remain."""
        with self._lock:
            return [asdict(rule) for rule in self._rules]
