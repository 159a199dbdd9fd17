"""Writes docs/events/README.md from the contracts: `python -m tools.event_docs`, or `make docs`.

Nothing on that page is written by hand: names, fields, types and sentences are those of `contracts/`, listeners those
of `contracts.topology`, samples the golden files that the contract tests hold every owner to.
"""

import inspect
import types
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from contracts import balance, billing, identity, notify, payments
from contracts.topology import LISTENERS, OWNERS, dead_letter_queue_of, inbox_queue_of
from contracts.wire import Envelope, Event, Message, View

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "events" / "README.md"
SAMPLES = ROOT / "tests" / "contract" / "events"
MODULES = (identity, billing, balance, payments, notify)
JSON_NAMES: dict[Any, str] = {
    str: "text",
    int: "integer",
    bool: "true or false",
    date: "date",
    datetime: "instant",
    time: "time of day",
    type(None): "null",
}
READMES = {"balance": "services/billing/balance"}

PREFACE = """\
# Events

*Generated from [`contracts/`](../../contracts) by `make docs`; a test fails when it is out of date.*

A fact that its owner has committed, with all that a listener needs to act without calling back. It travels as JSON on
the topic exchange `<owner>.events` with the fact as routing key, as nameko's own events do, and each listening service
takes all of its events from one quorum queue, `<service>.inbox`. Amounts are integers in minor units of `currency`,
dates are ISO 8601 (`2026-03-09`), instants are ISO 8601 in UTC, times of day are those of the
business's wall (`09:00:00`). Changes are additive: a listener ignores fields it
does not know, and a field that joins has a default.

An event comes at least once and in any order; [the chassis](../../chassis/README.md) sees to it that its effect happens
once, and each listener to it that the order does not matter.
"""


def page() -> str:
    """The whole page, as Markdown."""
    parts = [PREFACE, _who_hears_what(), _envelope()]
    for module in MODULES:
        if events := events_of(module):
            owner = events[0].owner
            parts.append(f"## {owner}\n\nPublished by [{owner}]({_readme_of(owner)}) on `{owner}.events`.\n")
            parts += [_event(event) for event in events]
    parts.append("## Parts\n\nWhat the fields above are made of.\n")
    parts += [_part(view) for view in _parts()]
    return "\n".join(parts)


def events_of(module: types.ModuleType) -> list[type[Event]]:
    """The events that a module of contracts defines, in the order in which it does."""
    found = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Event) and value.__module__.startswith(module.__name__)
    ]
    return sorted(found, key=lambda event: inspect.getsourcelines(event)[1])


def json_type(annotation: Any) -> str:
    """A field's type as it is on the wire, in words."""
    if annotation in JSON_NAMES:
        return JSON_NAMES[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f'`"{value}"`' for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(json_type(argument) for argument in arguments)
    if origin is list:
        return f"list of {json_type(arguments[0])}"
    if origin is dict:
        return "object"
    if inspect.isclass(annotation) and issubclass(annotation, View):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    raise TypeError(f"{annotation!r} has no name on the wire")


def _who_hears_what() -> str:
    rows = [
        f"| {name} | `{inbox_queue_of(name)}` | `{dead_letter_queue_of(name)}` | {_names(LISTENERS[name])} |"
        for name in OWNERS
        if name in LISTENERS
    ]
    head = "| service | queue | dead letters | takes |\n| --- | --- | --- | --- |"
    return "## Who hears what\n\n" + "\n".join([head, *rows]) + "\n"


def _names(events: tuple[type[Event], ...]) -> str:
    return " ".join(f"[`{event.event_name}`](#{_anchor(event)})" for event in events)


def _envelope() -> str:
    return f"## The envelope\n\n{_sentence(Envelope)}\n\n{_fields(Envelope)}\n"


def _event(event: type[Event]) -> str:
    heard_by = [name for name in OWNERS if event in LISTENERS.get(name, ())]
    heard = ", ".join(f"[{name}]({_readme_of(name)})" for name in heard_by) or "nobody yet; it is in the archive"
    sample = (SAMPLES / event.owner / f"{event.fact}.v{event.schema_version}.json").read_text(encoding="utf-8")
    return (
        f"### {event.event_name}\n\n{_sentence(event)}\n\n"
        f"Version {event.schema_version} · heard by {heard}.\n\n{_fields(event)}\n\n"
        f"<details><summary>On the wire</summary>\n\n```json\n{sample.strip()}\n```\n\n</details>\n"
    )


def _part(view: type[View]) -> str:
    return f"### {view.__name__}\n\n{_sentence(view)}\n\n{_fields(view)}\n"


def _fields(message: type[Message]) -> str:
    hints = get_type_hints(message)
    rows = []
    for field in msgspec.structs.fields(message):
        default = "" if field.required else f", default {_default(field.default)}"
        rows.append(f"| `{field.name}` | {json_type(hints[field.name])}{default} |")
    return "\n".join(["| field | type |", "| --- | --- |", *rows])


def _default(value: Any) -> str:
    return f"`{msgspec.json.encode(value).decode()}`"


def _sentence(message: type[Message]) -> str:
    return inspect.getdoc(message) or ""


def _parts() -> list[type[View]]:
    """Every view that an event's fields mention, directly or through another, by name."""
    found: set[type[View]] = set()
    waiting: list[type[Message]] = [event for module in MODULES for event in events_of(module)]
    while waiting:
        for hint in get_type_hints(waiting.pop()).values():
            new = {view for view in _views_in(hint) if view not in found}
            found |= new
            waiting += new
    return sorted(found, key=lambda view: view.__name__)


def _views_in(annotation: Any) -> Iterator[type[View]]:
    if inspect.isclass(annotation) and issubclass(annotation, View):
        yield annotation
    for argument in get_args(annotation):
        yield from _views_in(argument)


def _anchor(event: type[Event]) -> str:
    return event.event_name.replace(".", "")


def _readme_of(service: str) -> str:
    return f"../../{READMES.get(service, f'services/{service}')}/README.md"


def main() -> None:
    """Write the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
