"""The portal as it is deployed: docker-compose.yml's own commands as processes, on private servers, once a run."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis.rpc import RpcClient
from porchlight.connection import CONNECT_TIMEOUT_S, Services
from porchlight.local_stack import LocalStack, local_stack
from porchlight.private_servers import find_postgres, find_rabbitmq
from porchlight.walk.main_job import MainJob
from tests.support.levels import leave_out

# The first test of the level starts two servers, a migration and seven processes.
TIMEOUT_S = 240


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The running portal. A test that stops a part of it starts it again."""
    if find_postgres() is None:
        leave_out("PostgreSQL", "postgresql")
    if find_rabbitmq() is None:
        leave_out("RabbitMQ", "rabbitmq-server")
    with local_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="session")
def services(stack: LocalStack) -> Iterator[Services]:
    """The services, called as the command calls them."""
    environ = stack.environment("gateway")
    client = RpcClient(environ["PORCHLIGHT_BROKER_URL"])
    client.connect(CONNECT_TIMEOUT_S)
    yield Services(caller=client, environ=environ)
    client.close()


@pytest.fixture(scope="session")
def new_walk(stack: LocalStack, services: Services, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], MainJob]:
    """Makes a walk through the main job, with a customer of its own."""

    def make() -> MainJob:
        return MainJob(
            caller=services.caller,
            portal_url=stack.url("gateway"),
            sandbox_url=stack.url("sandbox"),
            stripe_api_base=f"{stack.url('sandbox')}/stripe",
            today=services.today(),
            folder=tmp_path_factory.mktemp("walk"),
            settle=services.settle,
            say=print,
        )

    return make
