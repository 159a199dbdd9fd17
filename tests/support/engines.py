"""A fixture for tests that must hold on both database engines: a migrated database on each in turn."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from chassis.database import Database
from chassis.migrations import upgrade

ENGINES = ("sqlite", "postgresql")


def both_engines(package: str) -> Callable[..., Iterator[Database]]:
    """A fixture: an empty `Database` migrated by `package`, once on SQLite and once on PostgreSQL.

    Migrated once a run: SQLite's file is copied for each test, PostgreSQL's tables are emptied after each.
    """

    @pytest.fixture(params=ENGINES)
    def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
        if request.param == "sqlite":
            shutil.copy(_sqlite_template(package, request), tmp_path / "test.sqlite")
            database = Database(f"sqlite:///{tmp_path}/test.sqlite")
            yield database
        else:
            database = Database(_postgres_url(package, request))
            yield database
            _empty(database)
        database.close()

    return database


_sqlite_files: dict[str, Path] = {}
_postgres_urls: dict[str, str] = {}


def _sqlite_template(package: str, request: pytest.FixtureRequest) -> Path:
    if package not in _sqlite_files:
        file: Path = request.getfixturevalue("tmp_path_factory").mktemp("template") / "template.sqlite"
        upgrade(f"sqlite:///{file}", package)
        _sqlite_files[package] = file
    return _sqlite_files[package]


def _postgres_url(package: str, request: pytest.FixtureRequest) -> str:
    server = request.getfixturevalue("postgres")
    if package not in _postgres_urls:
        _postgres_urls[package] = server.create_database(f"engines_{package.replace('.', '_')}")
        upgrade(_postgres_urls[package], package)
    return _postgres_urls[package]


def _empty(database: Database) -> None:
    with database.engine.begin() as connection:
        tables = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        connection.execute(text(f"TRUNCATE {', '.join(tables)} CASCADE"))
