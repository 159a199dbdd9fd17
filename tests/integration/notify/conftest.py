from pathlib import Path

import pytest

from chassis.database import Database
from tests.support.engines import both_engines
from tests.support.mail_server import make_certificate
from tests.support.notify import Notify
from tests.support.notify_customers import NOON, has_phone

database = both_engines("services.notify.migrations")


@pytest.fixture
def notify(database: Database) -> Notify:
    return Notify(database)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def ana(notify: Notify) -> Notify:
    """A notify that knows Ana and her phone, at noon."""
    notify.set_clock(NOON)
    has_phone(notify)
    return notify
