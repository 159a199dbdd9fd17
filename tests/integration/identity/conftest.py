import pytest

from chassis.database import Database
from tests.support.engines import both_engines
from tests.support.identity import Identity

database = both_engines("services.identity.migrations")


@pytest.fixture
def identity(database: Database) -> Identity:
    return Identity(database)
