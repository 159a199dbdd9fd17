"""`porchlight contact`: messages that wait are shown with who wrote them, and marked when they are answered."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chassis.ids import new_id
from services.notify.models import ContactMessage
from tests.support.command_loop import Commands, commands
from tests.support.home_rows import writing


@pytest.fixture(scope="module")
def porchlight() -> Iterator[Commands]:
    with commands() as running:
        yield running


def a_message(home: Path, **changes: str) -> str:
    values = {"name": "Bo Chen", "email": "bo@example.com", "topic": "Visits", "reference": "", "suspicions": ""}
    message = ContactMessage(
        message_id=new_id(), received_at=datetime(2026, 3, 1, 15, tzinfo=UTC), email_key="", phone="",
        invoice_number="", message="When do you\ncome? [bold]x[/bold]", **(values | changes),
    )  # fmt: skip
    with writing(home, "notify") as session:
        session.add(message)
    return message.message_id


def test_what_waits_is_listed_and_marked_when_answered(porchlight, tmp_path):
    ran = porchlight.run(tmp_path, "contact", "list")
    assert (ran.code, ran.output.strip(), ran.complaints) == (0, "every message is answered", "")
    one = a_message(tmp_path)
    other = a_message(tmp_path, reference="A-1", name="Ana Lima", topic="", suspicions="many_links,too_fast")

    ran = porchlight.run(tmp_path, "contact", "list")
    assert ran.code == 1
    for expected in (one, other, "Bo Chen, signed out", "Ana Lima (A-1)", "[looks like spam]", "[bold]x[/bold]"):
        assert expected in ran.output.replace("\n", " ")

    (row,) = [each for each in json.loads(porchlight.run(tmp_path, "contact", "list", "--format", "json").output)
              if each["message"] == other]  # fmt: skip
    assert (row["customer"], row["looks_like_spam"]) == ("A-1", "many links; came back too fast")
    assert row["text"] == "When do you\ncome? [bold]x[/bold]"

    ran = porchlight.run(tmp_path, "contact", "answered", one, "nobody's")
    assert (ran.code, ran.output.strip()) == (1, f"{one}: answered")
    assert ran.complaints.strip() == "nobody's: There is no such message."
    rows = csv.DictReader(io.StringIO(porchlight.run(tmp_path, "contact", "list", "--format", "csv").output))
    assert [each["message"] for each in rows] == [other]
    assert one in porchlight.run(tmp_path, "contact", "list", "--all").output
    assert porchlight.run(tmp_path, "contact", "answered", one, "--not").output.strip() == f"{one}: waits for an answer"
