import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis.database import Database
from chassis.migrations import upgrade
from tests.support.auto_pay import AutoPay
from tests.support.engines import both_engines
from tests.support.payments import PACKAGE, Payments

database = both_engines(PACKAGE)


@pytest.fixture
def payments(database: Database) -> Payments:
    return Payments(database)


@pytest.fixture
def auto_pay(sqlite_database: Database) -> AutoPay:
    """On one engine; `auto_pay_on_both` is for what locks and races."""
    return AutoPay(sqlite_database)


@pytest.fixture
def auto_pay_on_both(database: Database) -> AutoPay:
    return AutoPay(database)


@pytest.fixture(scope="session")
def fresh_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Database]:
    """Makes migrated SQLite databases, each of its own, in a few milliseconds."""
    template = tmp_path_factory.mktemp("template") / "payments.sqlite"
    upgrade(f"sqlite:///{template}", PACKAGE)

    def make() -> Database:
        file: Path = tmp_path_factory.mktemp("sqlite") / "payments.sqlite"
        shutil.copy(template, file)
        return Database(f"sqlite:///{file}")

    return make


@pytest.fixture
def sqlite_database(fresh_sqlite: Callable[[], Database]) -> Iterator[Database]:
    """One engine is enough where the provider is the subject."""
    database = fresh_sqlite()
    yield database
    database.close()
