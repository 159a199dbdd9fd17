"""Fixtures for tests that need a real RabbitMQ or PostgreSQL: private ones, one of each a run, made on first use.

A test asks by name: `postgres`, `rabbitmq` for the servers, `postgres_database`, `amqp_url` for something empty of its
own inside them. Where a server is not installed the test is left out and counted (tests/support/levels.py).
"""

import itertools
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from porchlight.private_servers import (
    PostgresServer,
    RabbitMQServer,
    find_chromium,
    find_postgres,
    find_rabbitmq,
    private_postgres,
    private_rabbitmq,
)
from tests.support.levels import leave_out

_numbers = itertools.count(1)

QUIET_BROWSER = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A browser that calls nobody but the page's own hosts; the tests may run as root, where its own sandbox cannot."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The run's PostgreSQL. Make databases in it freely; they are gone with it."""
    if find_postgres() is None:
        leave_out("PostgreSQL", "postgresql")
    with private_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQServer]:
    """The run's RabbitMQ. A test that stops or kills it asks for `own_rabbitmq` instead."""
    if find_rabbitmq() is None:
        leave_out("RabbitMQ", "rabbitmq-server")
    with private_rabbitmq() as server:
        yield server


@pytest.fixture
def own_rabbitmq() -> Iterator[RabbitMQServer]:
    """A RabbitMQ for this test alone, to be stopped, killed and started again."""
    if find_rabbitmq() is None:
        leave_out("RabbitMQ", "rabbitmq-server")
    with private_rabbitmq() as server:
        yield server


@pytest.fixture
def postgres_database(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    name = f"test_{next(_numbers)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture
def amqp_url(rabbitmq: RabbitMQServer) -> str:
    """The URL of an empty virtual host of the test's own."""
    return rabbitmq.create_vhost(f"test-{next(_numbers)}")


@pytest.fixture(scope="session")
def migrated_template(postgres: PostgresServer) -> Callable[[str], str]:
    """Called with a migrations package, names a database migrated by it, made once a run, to be a template of others:
    a copy takes 40 ms where the migrations take a second."""
    from chassis.migrations import upgrade

    made: dict[str, str] = {}

    def template(package: str) -> str:
        if package not in made:
            name = f"template_{package.replace('.', '_')}"
            upgrade(postgres.create_database(name), package)
            made[package] = name
        return made[package]

    return template


@pytest.fixture
def migrated_database(
    postgres: PostgresServer, migrated_template: Callable[[str], str]
) -> Iterator[Callable[[str], str]]:
    """Called with a migrations package, returns the URL of a fresh database migrated by it, of the test's own."""
    names: list[str] = []

    def make(package: str) -> str:
        names.append(f"test_{next(_numbers)}")
        return postgres.create_database(names[-1], template=migrated_template(package))

    yield make
    for name in names:
        postgres.drop_database(name)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's program, for Playwright's `executable_path`."""
    found = find_chromium()
    if found is None:
        leave_out("Chromium", "chromium")
    return str(found)


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """The run's one browser; a test opens a context of its own. A thread can drive no second Playwright beside it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=QUIET_BROWSER)
        yield browser
        browser.close()
