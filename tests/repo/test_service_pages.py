"""Each service's README against its code: what it answers, emits, listens to and keeps."""

import re
from importlib import import_module

import pytest

from contracts.topology import LISTENERS
from contracts.wire import Event, snake_case
from tests.repo.conftest import ROOT

FOLDERS = {
    "identity": "identity",
    "billing": "billing",
    "balance": "billing/balance",
    "payments": "payments",
    "notify": "notify",
}


@pytest.fixture(params=FOLDERS)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def said(service: str, what: str) -> set[str]:
    """The names in a row of the table that opens the README."""
    text = (ROOT / "services" / FOLDERS[service] / "README.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| \*\*{what}\*\* \|(.*)$", text, re.MULTILINE)
    assert row, f"{service} has no row: {what}"
    return set(re.findall(r"`([\w.]+)`", row[1]))


def source(service: str, module: str) -> str:
    """The code of a module with those that hold a part of it (`auto_pay_service`), or of the folder that it fills."""
    path = ROOT / "services" / FOLDERS[service] / module
    files = [*path.parent.glob(f"{module}.py"), *path.parent.glob(f"*_{module}.py")] or sorted(path.glob("*.py"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_it_says_what_the_service_answers(service: str) -> None:
    commands = re.findall(r"@answers\((?:\w+\.)?(\w+)\)", source(service, "service"))
    assert said(service, "answers") == {snake_case(name) for name in commands}


def test_it_says_what_the_service_emits(service: str) -> None:
    kinds = vars(import_module(f"contracts.{service}")).values()
    events = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event]
    assert said(service, "emits") == {event.event_name for event in events if event.owner == service}


def test_it_says_what_the_service_listens_to(service: str) -> None:
    assert said(service, "listens to") == {event.event_name for event in LISTENERS[service]}


def test_it_says_which_tables_are_the_services_own(service: str) -> None:
    assert said(service, "tables") == set(re.findall(r'__tablename__ = "(\w+)"', source(service, "models")))
