from chassis.database import Database
from chassis.migrations import check
from services.billing.balance.models import Base
from tests.support.engines import both_engines

database = both_engines("services.billing.balance.migrations")


def test_models_and_migrations_agree(database: Database):
    check(database.url, "services.billing.balance.migrations", [Base.metadata])
