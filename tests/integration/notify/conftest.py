import pytest

from chassis.database import Database
from tests.support.engines import both_engines
from tests.support.notify import Notify

database = both_engines("services.notify.migrations")


@pytest.fixture
def notify(database: Database) -> Notify:
    return Notify(database)
