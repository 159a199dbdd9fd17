"""How a run is shared between processes (pytest-xdist): what is dear to start is started once, the longest first.

Each process has its own RabbitMQ and PostgreSQL. The portal of tests/e2e and the browser are not started twice: all
tests that use one of them stay together; the others stay with their file. What is left for the end is short, so that
no process works on alone.
"""

import pytest

from tests.support.levels import level_of

SHARED_FIXTURES = ("stack", "chromium")
"""Each of these has minutes of tests that one process must run alone: they come before all others."""
LONGEST_FIRST = ("e2e", "faults", "integration", "browser", "contract", "unit", "repo")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("numprocesses", None):
        return
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_rank)


def _group(item: pytest.Item) -> str:
    used = getattr(item, "fixturenames", ())
    return next((name for name in SHARED_FIXTURES if name in used), item.nodeid.partition("::")[0])


def _rank(item: pytest.Item) -> tuple[int, int]:
    used = getattr(item, "fixturenames", ())
    shared = next((place for place, name in enumerate(SHARED_FIXTURES) if name in used), len(SHARED_FIXTURES))
    level = level_of(item.nodeid)
    return shared, LONGEST_FIRST.index(level) if level in LONGEST_FIRST else len(LONGEST_FIRST)
