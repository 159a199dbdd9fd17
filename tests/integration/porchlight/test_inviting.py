"""`porchlight invite`: who is invited, who is passed over and why, and that repeating it sends nothing twice."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from services.notify.emails import invitation
from services.notify.models import Delivery
from tests.support.command_loop import Commands, commands
from tests.support.home_rows import writing

CUSTOMERS = """\
reference,name,email
A-1,Ana Lima,ana@example.com
A-2,Ana's rental,ana@example.com
B-1,Bo Chen,
C-1,Cem Kaya,cem@example.com
"""


@pytest.fixture(scope="module")
def porchlight() -> Iterator[Commands]:
    with commands() as running:
        yield running


@pytest.fixture
def home(porchlight: Commands, tmp_path: Path) -> Path:
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS, encoding="utf-8")
    ran = porchlight.run(tmp_path, "import", "customers", str(file))
    assert ran.code == 0, ran.complaints
    return tmp_path


def invitations(home: Path) -> list[str]:
    with writing(home, "notify") as session:
        return sorted(
            str(to) for to in session.scalars(select(Delivery.to_address).where(Delivery.kind == "invitation"))
        )


def statuses(output: str) -> list[tuple[str, str]]:
    return [(row["customer"], row["status"]) for row in json.loads(output)]


def test_all_are_invited_once_and_who_is_passed_over_is_said(porchlight, home):
    ran = porchlight.run(home, "invite", "--all", "--dry-run")
    assert (ran.code, ran.complaints) == (0, "")
    assert "would be invited" in ran.output
    assert invitations(home) == []

    ran = porchlight.run(home, "invite", "--all")
    assert (ran.code, ran.complaints) == (0, "")
    assert "the e-mail to A-1 is this one's too" in ran.output
    assert "no e-mail address on file" in ran.output
    assert "2 invitations on their way, for 3 customers; 1 passed over" in ran.output
    assert invitations(home) == ["ana@example.com", "cem@example.com"]

    ran = porchlight.run(home, "invite", "--all", "--format", "json")
    assert statuses(ran.output) == [
        ("A-1", "invited_before"),
        ("A-2", "invited_before"),
        ("B-1", "no_email"),
        ("C-1", "invited_before"),
    ]
    assert len(invitations(home)) == 2

    ran = porchlight.run(home, "invite", "A-2", "nobody", "A-1", "--again", "--format", "json")
    assert statuses(ran.output) == [("A-2", "invited"), ("nobody", "not_found"), ("A-1", "invited")]
    assert (ran.code, ran.complaints.strip()) == (1, "nobody: there is no such customer")
    assert invitations(home) == ["ana@example.com", "ana@example.com", "cem@example.com"]


def test_nobody_and_everybody_at_once_is_a_mistyped_command(porchlight, tmp_path):
    for arguments in ((), ("--all", "A-1"), ("--all", "--write-template", "x")):
        assert porchlight.run(tmp_path, "invite", *arguments).code == 2


def test_our_words_are_written_to_a_file_and_never_over_one(porchlight, tmp_path):
    file = tmp_path / "invitation.txt"
    ran = porchlight.run(tmp_path, "invite", "--write-template", str(file))
    assert (ran.code, ran.complaints) == (0, "")
    assert file.read_text(encoding="utf-8") == invitation.OURS.read_text(encoding="utf-8")
    file.write_text("Dear <<CUSTOMER NAME>>\n", encoding="utf-8")
    ran = porchlight.run(tmp_path, "invite", "--write-template", str(file))
    assert (ran.code, "is there already" in ran.complaints) == (1, True)
    assert file.read_text(encoding="utf-8") == "Dear <<CUSTOMER NAME>>\n"
