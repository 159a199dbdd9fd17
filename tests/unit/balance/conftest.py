"""A ledger on a SQLite file, made by balance's own migrations."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chassis.database import Database
from chassis.migrations import upgrade
from contracts.balance import (
    AccountView,
    ExplainFigure,
    Figure,
    FigureView,
    GetStatement,
    StatementPeriod,
    StatementView,
)
from contracts.wire import Envelope, Event
from services.billing.balance import operations, queries
from services.billing.balance.explaining import explain
from services.billing.balance.statements import statement
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

    def account(
        self, *, today: date = date(2026, 3, 20), customer_id: str = build.CUSTOMER, months: int = 0
    ) -> AccountView:
        with self.database.read() as session:
            return queries.account(
                session,
                customer_id=customer_id,
                currency="USD",
                today=today,
                activity_limit=10,
                included=True,
                months=months,
            )

    def statement(self, *, period: StatementPeriod = "custom", **values: Any) -> StatementView:
        command = GetStatement(customer_id=build.CUSTOMER, period=period, **values)
        with self.database.snapshot() as session:
            return statement(session, command, currency="USD", today=date(2026, 3, 20), included=True)

    def explain(self, figure: Figure, *, month: date | None = None, today: date = date(2026, 3, 20)) -> FigureView:
        command = ExplainFigure(customer_id=build.CUSTOMER, figure=figure, month=month)
        with self.database.snapshot() as session:
            return explain(session, command, currency="USD", today=today, included=True)

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
def new_ledger(migrated_file: Path, tmp_path: Path) -> Iterator[Callable[[], Ledger]]:
    """Makes empty ledgers, one for each history that hypothesis thinks of; the one before is closed."""
    made: list[Database] = []
    numbers = count()

    def make() -> Ledger:
        for database in made:
            database.close()
        file = tmp_path / f"balance-{next(numbers)}.sqlite"
        file.write_bytes(migrated_file.read_bytes())
        made[:] = [Database(f"sqlite:///{file}")]
        return Ledger(made[0])

    yield make
    for database in made:
        database.close()


@pytest.fixture
def ledger(new_ledger: Callable[[], Ledger]) -> Ledger:
    return new_ledger()
