"""Logging is set up once for a whole process, so each of these looks at a process of its own."""

import subprocess
import sys
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[3]
SET_UP = """
import logging, threading, warnings
from chassis import correlation, logs
logs.configure(level="info", log_format="{log_format}", service="billing")
log = logging.getLogger("services.billing")
"""


def logged(program, log_format="json"):
    done = subprocess.run(
        [sys.executable, "-c", SET_UP.format(log_format=log_format) + program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stdout == ""
    return done.stderr


def entries(program):
    return [msgspec.json.decode(line) for line in logged(program).splitlines()]


def test_an_entry_says_when_where_and_under_which_correlation_id():
    [entry] = entries("correlation.begin('abc'); log.info('sent %s', 'it', extra={'invoice_count': 3})")
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "event": "sent it",
        "level": "info",
        "logger": "services.billing",
        "service": "billing",
        "correlation_id": "abc",
        "invoice_count": 3,
    }


def test_several_services_in_one_process_log_under_their_own_names():
    found = entries("""
log.info("first")
def work():
    logs.name_service("balance")
    log.info("second")
thread = threading.Thread(target=work)
thread.start()
thread.join()
log.info("third")
""")
    assert [entry["service"] for entry in found] == ["billing", "balance", "billing"]


def test_an_error_that_nobody_handled_is_one_entry_with_its_traceback_and_no_address():
    [entry] = entries("raise ValueError('for ann@example.com')")
    assert entry["level"] == "critical"
    assert "ValueError: for ***@example.com" in entry["exception"]


def test_an_error_that_nobody_handled_in_a_thread_is_an_entry_too():
    [entry] = entries("threading.Thread(target=lambda: 1 / 0).start()")
    assert "ZeroDivisionError" in entry["exception"]


def test_warnings_are_entries():
    [entry] = entries("warnings.warn('old way')")
    assert "old way" in entry["event"]


def test_libraries_do_not_log_statements_and_their_values():
    program = """
logging.getLogger("sqlalchemy.engine.Engine").info("INSERT %s", "ann")
logging.getLogger("amqp").debug("frame")
log.debug("unasked for")
log.info("the only one")
"""
    assert [entry["event"] for entry in entries(program)] == ["the only one"]


def test_text_is_for_people():
    line = logged("log.warning('card of ann@example.com declined')", log_format="text")
    assert "card of ***@example.com declined" in line
    assert "warning" in line
    assert "\x1b" not in line, "no colours where nobody looks on"


def test_values_of_any_kind_can_be_logged():
    [entry] = entries("from datetime import date; log.info('x', extra={'due_on': date(2026, 3, 1), 'odd': object})")
    assert entry["due_on"] == "2026-03-01"
