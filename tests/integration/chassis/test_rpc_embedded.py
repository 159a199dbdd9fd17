"""RPC, events and health over the in-process broker, in one patched process (tests/support/greeter/embedded.py)."""

import json
import os
import subprocess
import sys

import pytest

from contracts import codes
from tests.support.greeter.process import ROOT


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embedded")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.support.greeter.embedded", str(folder)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_call_returns_the_answer_or_the_refusal(told):
    assert told["greeting"][0] == "hello Ann"
    assert told["refused"][0] == codes.CONFLICT


def test_a_service_that_does_not_exist_is_unavailable_at_once(told):
    code, took_s = told["absent"]
    assert code == codes.UNAVAILABLE
    assert took_s < 10, "the deadline of 30 s was not waited for"


def test_gathered_calls_run_at_the_same_time(told):
    count, took_s = told["gathered"]
    assert count == 10
    assert took_s < 3, "one after the other they take 5 s"


def test_a_call_ends_at_its_deadline_and_nothing_of_it_is_kept(told):
    code, took_s = told["late"]
    assert code == codes.UNAVAILABLE
    assert 0.1 <= took_s < 0.9, "the answer itself takes a second"
    assert told["waiting"] == 0


def test_services_call_each_other(told):
    assert told["passed on"][0] == "hello Ann"


def test_a_request_that_waited_too_long_for_a_worker_is_not_carried_out(told):
    assert told["too late"][0] == codes.UNAVAILABLE
    assert told["after it"][0] == "hello Ann"
    assert told["carried out too late"] is False


def test_an_event_is_handled_and_the_service_is_ready(told):
    assert told["announced"]
    assert told["drained"] == {"greetings.announced": 1}
    assert told["readiness"] == {"greetings": []}


def test_an_idle_service_sleeps(told):
    assert told["idle share of a core"] < 0.02


def test_a_stop_lets_a_running_call_finish_and_its_caller_gets_the_answer(told):
    assert told["stopped"] is True
    assert told["finished"] == "at last"


def test_a_stop_does_not_wait_for_idle_readers_to_look_up(told):
    assert told["stopped while idle"] is True


def test_a_stop_in_the_middle_of_the_start_does_not_wait_for_the_grace_period(told):
    outcomes = told["stopped while starting"]
    assert len(outcomes) > 3
    assert all(outcomes)
