"""The running process's door for commands: one that leaves, or goes wrong, shuts it on nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import eventlet
import msgspec
import pytest
from eventlet.event import Event

from contracts.identity import ClockView, GetBusinessClock
from porchlight.embedded.doorway import Doorway, Request, Visitor

NOON = ClockView(mode="frozen", now=datetime(2026, 3, 1, 12, tzinfo=UTC))
PATIENCE_S = 20.0


class Caller:
    """Services whose next answer, or error, comes when the test says so."""

    def __init__(self) -> None:
        self.asked = Event()
        self.answer: Event | None = None

    def call(self, command, timeout_s: float = 0):
        answer, self.answer = self.answer, None
        if answer is not None:
            self.asked.send()
            answer.wait()
        return NOON


@pytest.fixture
def caller() -> Caller:
    return Caller()


@pytest.fixture
def door(tmp_path: Path, caller: Any) -> Iterator[Path]:
    path = tmp_path / "door"
    doorway = Doorway(path, caller)
    with eventlet.Timeout(PATIENCE_S):
        yield path
    doorway.close()


def ask(door: Path):
    """Ask for the business's clock, and do not wait for the answer."""
    connection = eventlet.connect(str(door), family=eventlet.green.socket.AF_UNIX)
    request = Request(service="identity", method="get_business_clock", fields=msgspec.Raw(b"{}"), timeout_s=1)
    connection.sendall(msgspec.json.encode(request) + b"\n")
    return connection


def test_a_command_that_is_stopped_before_its_answer(door: Path, caller: Caller):
    answer = caller.answer = Event()
    leaving = ask(door)
    caller.asked.wait()
    leaving.close()
    answer.send()
    eventlet.sleep(0)
    assert Visitor(door).call(GetBusinessClock()) == NOON


def test_a_command_that_meets_a_fault_in_the_program(door: Path, caller: Caller, caplog: pytest.LogCaptureFixture):
    answer = caller.answer = Event()
    unlucky = ask(door)
    caller.asked.wait()
    answer.send_exception(RuntimeError("a fault"))
    assert unlucky.recv(1) == b""
    assert "a command could not be answered" in caplog.text
    assert Visitor(door).call(GetBusinessClock()) == NOON
