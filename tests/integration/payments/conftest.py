import pytest

from chassis.database import Database
from tests.support.engines import both_engines
from tests.support.payments import PACKAGE, Payments

database = both_engines(PACKAGE)


@pytest.fixture
def payments(database: Database) -> Payments:
    return Payments(database)
