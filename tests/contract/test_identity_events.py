"""identity's events on the wire: a golden file per event and version, and what identity really records.

A golden file is never edited: a listener that was written for it must go on reading it.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from chassis.database import Database
from chassis.migrations import upgrade
from chassis.tables import outbox
from contracts import identity
from contracts.identity import SetBusinessClock
from contracts.wire import Envelope
from services.identity.operations import business_clock
from tests.support.golden import events_of, misfits
from tests.support.identity import GOOD_PASSWORD, Identity

FOLDER = Path(__file__).parent / "events" / "identity"
EVENTS = {kind.event_name: kind for kind in events_of(identity)}
FILES = sorted(FOLDER.glob("*.json"))


def test_every_event_has_a_golden_file_and_every_file_an_event():
    names = {f"{kind.fact}.v{kind.schema_version}.json" for kind in EVENTS.values()}
    assert {file.name for file in FILES} == names


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_golden_file_is_read_and_written_again_as_it_is(file: Path):
    raw = file.read_bytes()
    envelope = msgspec.json.decode(raw, type=Envelope)
    event = msgspec.convert(envelope.payload, EVENTS[envelope.name])
    # What was in the file is still there, unchanged; a newer field may have joined it.
    assert json.loads(raw)["payload"].items() <= json.loads(msgspec.json.encode(event)).items()
    assert json.loads(raw).items() <= json.loads(msgspec.json.encode(envelope)).items()


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[list[Envelope]]:
    """What identity records when each of its events happens."""
    url = f"sqlite:///{tmp_path}/identity.sqlite"
    upgrade(url, "services.identity.migrations")
    desk = Identity(Database(url))
    desk.customer("ana@example.com")
    desk.sign_up("ana@example.com")
    customer_id = desk.customer("ana@example.com", name="Ana Lima, lake house")
    token = desk.log_in("ana@example.com").session_token
    desk.change_password(token, customer_id, GOOD_PASSWORD, "a lawn is never finished")
    desk.ask_for_email(token, customer_id, "ana@example.org", "a lawn is never finished")
    desk.confirm_email(desk.token_of(desk.events(identity.LinkIssued)[-1]))
    with desk.database.transaction() as session:
        command = SetBusinessClock(mode="frozen", at=datetime(2026, 3, 1, 14, tzinfo=UTC))
        business_clock.set_business_clock(session, command, clock=desk.clock)
    with desk.database.read() as session:
        yield [msgspec.json.decode(body, type=Envelope) for body in session.scalars(select(outbox.c.body))]
    desk.database.close()


def test_what_identity_records_has_the_shape_of_the_golden_files(recorded: list[Envelope]):
    assert {envelope.name for envelope in recorded} == EVENTS.keys()
    for envelope in recorded:
        file = FOLDER / f"{EVENTS[envelope.name].fact}.v{envelope.schema_version}.json"
        found = json.loads(msgspec.json.encode(envelope))
        assert misfits(found, json.loads(file.read_bytes())) == [], envelope.name


def test_no_event_carries_the_secret_of_a_link(recorded: list[Envelope]):
    for envelope in recorded:
        assert "token" not in json.dumps(msgspec.to_builtins(envelope))
