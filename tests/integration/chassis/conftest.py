"""Fixtures: the toy services as processes of their own, on any broker and any databases."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis.database import Database
from tests.integration.chassis.toy import database as toy_database

ROOT = Path(__file__).parents[3]


class ToyProcess:
    """Some toy services running in one process."""

    def __init__(self, broker_url: str, databases: dict[str, Database], folder: Path) -> None:
        self._log = (folder / f"toy-{time.monotonic_ns()}.log").open("w+")
        options = {
            "broker_url": broker_url,
            "databases": {name: database.url for name, database in databases.items()},
            "folder": str(folder),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.integration.chassis.toy", json.dumps(options)],
            cwd=ROOT,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    @property
    def output(self) -> str:
        self._log.flush()
        return Path(self._log.name).read_text()

    def stop(self) -> int:
        """End it as an operator would and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait(20)

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        self._log.close()


@pytest.fixture
def start_toys(tmp_path: Path) -> Iterator[Callable[[str, dict[str, Database]], ToyProcess]]:
    """Called with a broker's URL and databases by service, starts those services in a process."""
    started: list[ToyProcess] = []

    def start(broker_url: str, databases: dict[str, Database]) -> ToyProcess:
        started.append(ToyProcess(broker_url, databases, tmp_path))
        return started[-1]

    yield start
    for toys in started:
        toys.close()


@pytest.fixture
def sqlite_databases(tmp_path: Path) -> dict[str, Database]:
    """A SQLite database for each toy service."""
    return {name: toy_database.create(f"sqlite:///{tmp_path}/{name}.sqlite") for name in ("shop", "books", "post")}


@pytest.fixture
def postgres_databases(postgres) -> Iterator[dict[str, Database]]:
    """A PostgreSQL database for each toy service."""
    names = [f"toy_{name}_{os.getpid()}_{time.monotonic_ns()}" for name in ("shop", "books", "post")]
    databases = {name.split("_")[1]: toy_database.create(postgres.create_database(name)) for name in names}
    yield databases
    for database in databases.values():
        database.close()
    for name in names:
        postgres.drop_database(name)
