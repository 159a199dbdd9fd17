"""billing's events on the wire: a golden file per event and version, and what billing really records.

A golden file is never edited: a listener that was written for it must go on reading it. A new field comes with a
default, another meaning with another version and its own file.
"""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chassis.database import Database
from chassis.migrations import upgrade
from contracts import billing
from contracts.wire import Envelope, Event
from tests.support.billing import Billing, line, money_returned, row, succeeded

FOLDER = Path(__file__).parent / "events" / "billing"
EVENTS: list[type[Event]] = [
    kind
    for _, kind in inspect.getmembers(billing, inspect.isclass)
    if issubclass(kind, Event) and kind.owner == "billing"
]


def golden(kind: type[Event]) -> dict[str, Any]:
    message: dict[str, Any] = json.loads((FOLDER / f"{kind.fact}.v{kind.schema_version}.json").read_text())
    return message


def test_every_event_has_a_golden_file_and_every_file_an_event():
    assert {file.name.split(".")[0] for file in FOLDER.glob("*.json")} == {kind.fact for kind in EVENTS}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_a_golden_file_is_read_and_written_again_as_it_is(file: Path):
    raw = file.read_bytes()
    envelope = msgspec.json.decode(raw, type=Envelope)
    kind = next(kind for kind in EVENTS if kind.event_name == envelope.name)
    assert file.name == f"{kind.fact}.v{envelope.schema_version}.json"
    event = msgspec.convert(envelope.payload, kind)
    written = json.loads(msgspec.json.encode(event))
    # What was in the file is still there, unchanged; a newer field may have joined it.
    assert json.loads(raw)["payload"].items() <= written.items()
    assert msgspec.json.decode(msgspec.json.encode(envelope), type=Envelope) == envelope


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[list[Envelope]]:
    """What billing records when each of its events happens."""
    url = f"sqlite:///{tmp_path}/billing.sqlite"
    upgrade(url, "services.billing.migrations")
    database = Database(url)
    desk = Billing(database)
    paid = desk.sent(5_000)
    desk.hear(succeeded(5_250, invoices=[(paid, 0)]))
    desk.credit(100)
    desk.sent(1_000)
    refunded = desk.sent(3_000)
    payment = succeeded(5_000, invoices=[(refunded, 0)])
    desk.hear(payment, money_returned(payment, 3_000, kind="dispute"))
    desk.void(paid)
    desk.imports(row("A-1", lines=[line(10_000)]))
    desk.visit()
    yield desk.envelopes()
    database.close()


def test_what_billing_records_has_the_shape_of_the_golden_files(recorded: list[Envelope]):
    assert {envelope.name for envelope in recorded} == {kind.event_name for kind in EVENTS}
    for envelope in recorded:
        kind = next(kind for kind in EVENTS if kind.event_name == envelope.name)
        found = json.loads(msgspec.json.encode(envelope))
        assert shape(found).keys() >= shape(golden(kind)).keys()
        for place, kinds in shape(found).items():
            assert kinds <= allowed(shape(golden(kind))[place]), (envelope.name, place)


def shape(value: Any, place: str = "") -> dict[str, set[str]]:
    """Every place in a message with the kinds of JSON values found there; all items of a list share one place."""
    found: dict[str, set[str]] = {place: {type(value).__name__}}
    parts = (
        value.items()
        if isinstance(value, dict)
        else ((None, item) for item in value)
        if isinstance(value, list)
        else ()
    )
    for key, part in parts:
        for inner, kinds in shape(part, f"{place}[]" if key is None else f"{place}.{key}").items():
            found.setdefault(inner, set()).update(kinds)
    return found


def allowed(kinds: set[str]) -> set[str]:
    """Where the golden file has text or null, the other may stand too: dates and ids that need not be there."""
    return kinds | {"NoneType", "str"} if kinds & {"NoneType", "str"} else kinds
