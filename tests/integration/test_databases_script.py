"""deploy/postgres/databases.sql, as PostgreSQL's image would run it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from porchlight.private_servers import PostgresServer, ServerError, private_postgres

SCRIPT = Path(__file__).resolve().parents[2] / "deploy/postgres/databases.sql"
NAMES = ("identity", "billing", "balance", "payments", "notify")
# A quote in a password must not end the statement it is put into.
PASSWORDS = {f"{name.upper()}_DB_PASSWORD": f"it's {name}" for name in NAMES}


@pytest.fixture(scope="module")
def prepared(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server of its own, because roles belong to the whole server. (`postgres` leaves the tests out without one.)"""
    with private_postgres() as server:
        server.run_script(SCRIPT, PASSWORDS)
        yield server


def connected(server: PostgresServer, *, role: str, database: str) -> str:
    with (
        contextlib.closing(
            psycopg2.connect(
                host=server.host,
                port=server.port,
                user=role,
                password=PASSWORDS[f"{role.upper()}_DB_PASSWORD"],
                dbname=database,
            )
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE TABLE probe (n int); SELECT current_database()")
        row = cursor.fetchone()
        assert row is not None
        return str(row[0])


@pytest.mark.parametrize("name", NAMES)
def test_a_service_can_make_tables_in_its_database(prepared: PostgresServer, name: str) -> None:
    assert connected(prepared, role=name, database=name) == name


@pytest.mark.parametrize("name", NAMES)
def test_a_service_cannot_enter_anothers_database(prepared: PostgresServer, name: str) -> None:
    other = NAMES[(NAMES.index(name) + 1) % len(NAMES)]
    with pytest.raises(psycopg2.OperationalError, match="permission denied"):
        connected(prepared, role=name, database=other)


def test_a_script_that_fails_says_why(prepared: PostgresServer) -> None:
    with pytest.raises(ServerError, match='role "identity" already exists'):
        prepared.run_script(SCRIPT, PASSWORDS)
