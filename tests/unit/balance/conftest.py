"""A ledger on a SQLite file, made by balance's own migrations."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from chassis.database import Database
from chassis.migrations import upgrade
from contracts.balance import AccountView
from contracts.wire import Envelope, Event
from services.billing.balance import operations, queries
from tests.support import balance as build
from tests.support.balance_owners import FakeOwners


class Ledger:
    """balance as its callers see it: events in, figures out."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.facts: list[tuple[Event, Envelope]] = []

    def hears(self, *events: Event) -> None:
        facts = [build.fact(event) for event in events]
        self.facts += facts
        self.hears_facts(facts)

    def hears_facts(self, facts) -> None:
        with self.database.transaction() as session:
            operations.post(session, facts)

    def account(self, *, today: date = date(2026, 3, 20), customer_id: str = build.CUSTOMER) -> AccountView:
        with self.database.read() as session:
            return queries.account(
                session, customer_id=customer_id, currency="USD", today=today, activity_limit=10, included=True
            )

    def history(self, *, limit: int, cursor: str | None = None):
        with self.database.read() as session:
            return queries.activity(
                session,
                customer_id=build.CUSTOMER,
                currency="USD",
                today=date(2026, 3, 20),
                cursor=cursor,
                limit=limit,
                included=True,
            )

    def owners(self) -> FakeOwners:
        return FakeOwners(self.facts)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("balance") / "template.sqlite"
    upgrade(f"sqlite:///{file}", "services.billing.balance.migrations")
    return file


@pytest.fixture
def ledger(migrated_file: Path, tmp_path: Path) -> Iterator[Ledger]:
    file = tmp_path / "balance.sqlite"
    file.write_bytes(migrated_file.read_bytes())
    database = Database(f"sqlite:///{file}")
    yield Ledger(database)
    database.close()
