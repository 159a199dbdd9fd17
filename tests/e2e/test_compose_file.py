"""docker-compose.yml as a thing that runs: every process gets ready, logs decently and stops cleanly."""

import json
import re
import time

import pytest

from porchlight.local_stack import LocalStack

SERVICES = ("identity", "billing", "balance", "payments", "notify")
EVERYTHING = (*SERVICES, "gateway", "sandbox")
# Well inside the grace periods: none is waited out, however busy the machine is.
STOPPED_WITHIN_S = 25
SECRET = re.compile(r"PASSWORD|SECRET|_KEY$")


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_process_is_ready_by_its_own_health_check(stack: LocalStack, name: str) -> None:
    assert stack.is_ready(name)


def test_the_log_of_a_service_is_json_line_by_line(stack: LocalStack) -> None:
    for name in (*SERVICES, "gateway"):
        for line in stack.log(name).read_text(encoding="utf-8").splitlines():
            assert {"event", "level", "service"} <= set(json.loads(line)), f"{name}: {line}"


def test_no_secret_is_in_any_log(stack: LocalStack) -> None:
    secrets = {value for name, value in stack.variables.items() if SECRET.search(name)}
    for log in stack.folder.glob("*.log"):
        text = log.read_text(encoding="utf-8")
        assert [secret for secret in secrets if secret in text] == [], log.name


def test_the_migration_can_be_run_again_beside_running_services(stack: LocalStack) -> None:
    stack.run_job("migrate")


def test_every_process_asked_to_stop_ends_well_and_soon(stack: LocalStack) -> None:
    processes = {name: stack._running[name] for name in EVERYTHING}
    started = time.monotonic()
    stack.stop(*EVERYTHING)
    took_s = time.monotonic() - started
    stack.start(*EVERYTHING)
    assert {name: process.returncode for name, process in processes.items()} == dict.fromkeys(EVERYTHING, 0)
    assert took_s < STOPPED_WITHIN_S
