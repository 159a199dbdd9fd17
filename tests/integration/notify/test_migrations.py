from chassis.database import Database
from chassis.migrations import check
from services.notify.models import Base


def test_models_and_migrations_agree(database: Database):
    check(database.url, "services.notify.migrations", [Base.metadata])
