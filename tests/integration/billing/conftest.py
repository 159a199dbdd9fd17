import pytest

from chassis.database import Database
from tests.support.billing import Billing
from tests.support.engines import both_engines

database = both_engines("services.billing.migrations")


@pytest.fixture
def billing(database: Database) -> Billing:
    return Billing(database)
