from chassis.database import Database
from chassis.migrations import check
from services.payments.models import Base
from tests.support.payments import PACKAGE


def test_models_and_migrations_agree(database: Database):
    check(database.url, PACKAGE, [Base.metadata])
