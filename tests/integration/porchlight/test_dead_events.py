"""`porchlight dead-events`: what was tried in vain is listed with its cause, and tried again when told to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from chassis.tables import inbox, outbox, parked_events
from services.notify.models import Delivery
from tests.support.command_loop import Commands, commands
from tests.support.home_rows import writing

SENT = Path(__file__).parents[2] / "contract/events/billing/invoice_sent.v1.json"
VOIDED = SENT.with_name("invoice_voided.v1.json")
LONG_AGO = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def porchlight() -> Iterator[Commands]:
    with commands() as running:
        yield running


@pytest.fixture
def home(porchlight: Commands, tmp_path: Path) -> Path:
    """A folder in which billing published two events, long ago, that two of their three listeners gave up."""
    assert porchlight.run(tmp_path, "migrate").code == 0
    for file in (SENT, VOIDED):
        publish(tmp_path, json.loads(file.read_text(encoding="utf-8")))
    return tmp_path


def publish(home: Path, event: dict[str, Any]) -> None:
    told = {name: event[name] for name in ("event_id", "name", "ordering_key")} | {"body": json.dumps(event)}
    about = {"aggregate_id": event["aggregate_id"], "aggregate_version": event["aggregate_version"]}
    with writing(home, "billing") as session:
        session.execute(insert(outbox).values(**told, **about, occurred_at=LONG_AGO, published_at=LONG_AGO))
    given_up = {"attempts": 10, "last_error": "KeyError: 'colour'", "parked_at": LONG_AGO}
    for listener in ("balance", "notify"):
        with writing(home, listener) as session:
            session.execute(insert(parked_events).values(listener=listener, **told, **given_up))
    with writing(home, "payments") as session:
        taken = {"event_id": event["event_id"], "name": event["name"], "handled_at": LONG_AGO}
        session.execute(insert(inbox).values(listener="payments", **taken))


def deliveries(home: Path) -> int:
    with writing(home, "notify") as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0


def dead(porchlight: Commands, home: Path) -> list[tuple[str, str]]:
    """Service and id of each, as listed."""
    lines = porchlight.run(home, "dead-events", "list").output.splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines if line != "no dead events"]


def id_in(file: Path) -> str:
    return str(json.loads(file.read_text(encoding="utf-8"))["event_id"])


def test_a_dead_event_is_listed_with_its_service_its_tries_and_its_cause(porchlight, home):
    ran = porchlight.run(home, "dead-events", "list")
    listed = ran.output.splitlines()
    assert ran.code == 1
    assert f"notify  {id_in(SENT)}  billing.invoice_sent  10 tries  KeyError: 'colour'" in listed
    assert len(listed) == 4


def test_a_replayed_event_takes_effect_and_the_others_stay_dead(porchlight, home):
    assert deliveries(home) == 0
    replayed = porchlight.run(home, "dead-events", "replay", "notify", id_in(SENT))
    assert replayed.output == "1 event is tried again\n"
    assert deliveries(home) == 1
    assert sorted(dead(porchlight, home)) == sorted(
        [("balance", id_in(SENT)), ("balance", id_in(VOIDED)), ("notify", id_in(VOIDED))]
    )


def test_dead_events_of_a_name_and_of_a_service_are_replayed_together(porchlight, home):
    porchlight.run(home, "dead-events", "replay", "notify", "--all", "--name", "billing.invoice_voided")
    assert ("notify", id_in(VOIDED)) not in dead(porchlight, home)
    assert ("notify", id_in(SENT)) in dead(porchlight, home)
    both = porchlight.run(home, "dead-events", "replay", "balance", "--all")
    assert both.output == "2 events are tried again\n"
    assert dead(porchlight, home) == [("notify", id_in(SENT))]


def test_an_id_that_is_not_dead_is_refused_in_a_line(porchlight, home):
    refused = porchlight.run(home, "dead-events", "replay", "notify", "0190a000-0000-7000-8000-00000000ffff")
    assert refused.code == 1
    assert len(refused.complaints.splitlines()) == 1
    assert len(dead(porchlight, home)) == 4


def test_an_id_that_is_not_there_is_named_and_the_others_are_tried_again(porchlight, home):
    ran = porchlight.run(home, "dead-events", "replay", "notify", "no-such-event", id_in(SENT))
    assert ran.code == 1
    assert "no-such-event: There is no dead event with this id." in ran.complaints
    assert "1 event is tried again" in ran.output
