"""Comparing events with their golden files: the places of a message and the kinds of values found there."""

import inspect
from types import ModuleType
from typing import Any

from contracts.wire import Event


def events_of(module: ModuleType) -> list[type[Event]]:
    """The events that a module of contracts defines."""
    return [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Event) and kind.__module__.startswith(module.__name__)
    ]


def shape(value: Any, place: str = "") -> dict[str, set[str]]:
    """Every place in a message with the kinds of JSON values found there; all items of a list share one place."""
    found: dict[str, set[str]] = {place: {type(value).__name__}}
    if isinstance(value, dict):
        parts = [(f"{place}.{key}", part) for key, part in value.items()]
    else:
        parts = [(f"{place}[]", part) for part in value] if isinstance(value, list) else []
    for inner_place, part in parts:
        for inner, kinds in shape(part, inner_place).items():
            found.setdefault(inner, set()).update(kinds)
    return found


def misfits(message: Any, golden: Any) -> list[str]:
    """The places where a message is not shaped as its golden file: text and null may stand for one another."""
    found, expected = shape(message), shape(golden)
    # An empty list shows nothing of its items.
    missing = [place for place in expected if place not in found and "[]" not in place]
    others = [
        f"{place} is {sorted(kinds)}"
        for place, kinds in found.items()
        if place in expected and not kinds <= _allowed(expected[place])
    ]
    return [f"{place} is missing" for place in missing] + others


def _allowed(kinds: set[str]) -> set[str]:
    optional = {"NoneType", "str"}
    return kinds | optional if kinds & optional else kinds
