"""A service needs wire and chassis and nothing else of the project: it starts from a folder with only those."""

import os
import shutil
import subprocess
import sys
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection

from chassis import topology
from porchlight.compose import LocalAddresses, read
from porchlight.local_stack import sandbox_variables
from porchlight.private_servers import PostgresServer, RabbitMQServer
from porchlight.private_servers.processes import free_port, start, stop, tail, wait_until

ROOT = Path(__file__).resolve().parents[2]
COMPOSITION = read(ROOT / "docker-compose.yml")
# What each service is made of. balance lies in billing's folder and needs nothing that billing has.
FOLDERS = {
    "identity": "services/identity",
    "billing": "services/billing",
    "balance": "services/billing/balance",
    "payments": "services/payments",
    "notify": "services/notify",
}
EXIT_TIMEOUT_S = 60


def alone(folder: Path, service: str) -> Path:
    """A folder with `contracts`, `chassis` and one service, and the empty packages around it."""
    keep_out = shutil.ignore_patterns("__pycache__", *(["balance"] if service == "billing" else []))
    for name in ("contracts", "chassis", FOLDERS[service]):
        shutil.copytree(ROOT / name, folder / name, ignore=keep_out)
    for parent in Path(FOLDERS[service]).parents[:-1]:
        (folder / parent / "__init__.py").touch()
    return folder


def answers_200(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=4) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture
def declared(amqp_url: str) -> str:
    """A virtual host in which the migration has declared every queue."""
    with Connection(amqp_url) as connection:
        topology.declare_all(connection.default_channel)
    return amqp_url


@pytest.fixture
def database(postgres: PostgresServer, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"alone_{free_port()}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("service", FOLDERS)
def test_a_service_starts_without_the_rest_of_the_project(
    service: str, tmp_path: Path, database: str, declared: str, rabbitmq: RabbitMQServer
) -> None:
    described = COMPOSITION.services[service]
    addresses = LocalAddresses(ports={place: free_port() for place in COMPOSITION.ports()})
    variables = sandbox_variables(portal_port=free_port(), sandbox_port=free_port())
    environment = {
        **addresses.environment(described, {**variables, "RABBITMQ_PASSWORD": rabbitmq.password}),
        "PATH": os.environ["PATH"],
        "PORCHLIGHT_BROKER_URL": declared,
        f"PORCHLIGHT_{service.upper()}_DATABASE_URL": database,
        # With -S below: the environment's packages, but not its .pth line that makes the whole project importable.
        "PYTHONPATH": os.pathsep.join([str(alone(tmp_path / "alone", service)), sysconfig.get_paths()["purelib"]]),
    }
    command = [sys.executable, "-S", *described.command[1:]]
    migrated = subprocess.run(
        [*command, "migrate"], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=EXIT_TIMEOUT_S
    )
    assert migrated.returncode == 0, migrated.stderr

    log = tmp_path / "log"
    process = start(command, log=log, env=environment, folder=tmp_path)
    try:
        url = f"http://127.0.0.1:{environment['PORCHLIGHT_HEALTH_PORT']}/readyz"
        wait_until(lambda: answers_200(url), process=process, name=service, log=log, timeout_s=60)
    finally:
        code = stop(process, timeout_s=30)
    assert code == 0, tail(log)
