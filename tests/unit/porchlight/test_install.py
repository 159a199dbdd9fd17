"""Finding and installing the servers' programs, with an apt-get that only writes down what it was asked."""

import os
from pathlib import Path

import pytest

from porchlight.private_servers import install
from porchlight.private_servers.install import Program

APT = """#!/bin/sh
echo "$1 $([ -e "{policy}" ] && echo held || echo started)" "$(echo "$@" | tr ' ' '\\n' | tail -n 1)" >>"{calls}"
[ "$1" = update ] && touch "{folder}/lists"
[ "$1" = update ] || {{ {answer} && touch "{folder}/thing"; }}
"""


class Machine:
    """A machine that lacks the program `thing` until its apt-get has installed it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.policy = folder / "policy-rc.d"
        self.calls = folder / "calls"
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(install, "POLICY", self.policy)
        monkeypatch.setattr(install, "PROGRAMS", {"thing": Program(self.find, "thing-server", "Thing")})
        monkeypatch.setattr(install, "administrator", list)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def find(self) -> Path | None:
        thing = self.folder / "thing"
        return thing if thing.exists() else None

    def has_apt(self, *, answer: str) -> None:
        """Gives it an apt-get whose install succeeds when `answer`, a shell command, does."""
        program = self.folder / "apt-get"
        program.write_text(
            APT.format(policy=self.policy, calls=self.calls, folder=self.folder, answer=answer), encoding="ascii"
        )
        program.chmod(0o755)

    def asked(self) -> list[str]:
        return self.calls.read_text(encoding="ascii").splitlines() if self.calls.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_a_program_that_is_there_is_not_installed_again(machine: Machine) -> None:
    machine.has_apt(answer="true")
    (machine.folder / "thing").touch()
    assert install.main(["thing"]) == 0
    assert machine.asked() == []


def test_a_missing_program_is_installed_without_its_service_being_started(machine: Machine) -> None:
    machine.has_apt(answer="true")
    assert install.main(["thing"]) == 0
    assert machine.asked() == ["install held thing-server"]
    assert not machine.policy.exists()


def test_a_policy_that_the_machine_has_is_left_as_it_is(machine: Machine) -> None:
    machine.has_apt(answer="true")
    machine.policy.write_text("of the machine's own", encoding="ascii")
    install.main(["thing"])
    assert machine.policy.read_text(encoding="ascii") == "of the machine's own"


def test_the_lists_are_fetched_when_they_are_missing(machine: Machine) -> None:
    machine.has_apt(answer=f'[ -e "{machine.folder}/lists" ]')
    assert install.main(["thing"]) == 0
    assert [line.split()[0] for line in machine.asked()] == ["install", "update", "install"]


def test_what_cannot_be_had_is_named_with_what_to_type(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.has_apt(answer="{ echo no such package; false; }")
    assert install.main(["thing"]) == 1
    said = capsys.readouterr().err
    assert "no such package" in said
    assert "As root: apt-get install --no-install-recommends thing-server" in said


def test_without_the_right_to_install_nothing_is_tried(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.has_apt(answer="true")
    monkeypatch.setattr(install, "administrator", lambda: None)
    assert install.main(["thing"]) == 1
    assert machine.asked() == []
    assert "Thing is missing" in capsys.readouterr().err


def test_an_unknown_name_is_refused(machine: Machine) -> None:
    assert install.main(["no-such"]) == 2
