"""The private servers themselves: what they promise to tests, to `porchlight up` and to the benchmarks."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest
from amqp import Connection, Message

from porchlight.private_servers import PostgresServer, RabbitMQServer, ServerError, private_postgres, private_rabbitmq
from porchlight.private_servers.processes import free_port, start, stop, wait_until
from tests.support.waiting import eventually

PARENT = """
import sys, time
from pathlib import Path
from porchlight.private_servers import {starter}
with {starter}(Path(sys.argv[1])) as server:
    Path(sys.argv[2]).write_text(str(server.port))
    time.sleep(600)
"""


def query(url: str, statement: str) -> object:
    with (
        contextlib.closing(psycopg2.connect(url.replace("+psycopg2", ""))) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
        row = cursor.fetchone()
        assert row is not None
        return row[0]


def connect(url: str) -> Connection:
    user, _, rest = url.removeprefix("amqp://").partition(":")
    password, _, rest = rest.partition("@")
    host, _, vhost = rest.partition("/")
    connection = Connection(host=host, userid=user, password=password, virtual_host=vhost or "/")
    connection.connect()
    return connection


def someone_listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class TestPostgres:
    def test_each_role_reaches_its_own_database_only(self, postgres: PostgresServer) -> None:
        own = postgres.create_database("own_a", role="role_a")
        postgres.create_database("own_b", role="role_b")
        assert query(own, "SELECT current_user") == "role_a"
        with pytest.raises(psycopg2.OperationalError, match="permission denied"):
            query(postgres.url_for("own_b", role="role_a"), "SELECT 1")

    def test_a_wrong_password_is_refused(self, postgres_database: str) -> None:
        with pytest.raises(psycopg2.OperationalError, match="authentication failed"):
            psycopg2.connect(postgres_database.replace("+psycopg2", ""), password="wrong")

    def test_a_database_is_copied_from_a_template(self, postgres: PostgresServer) -> None:
        with contextlib.closing(
            psycopg2.connect(postgres.create_database("pattern").replace("+psycopg2", ""))
        ) as connection:
            connection.cursor().execute("CREATE TABLE t AS SELECT 7 AS n")
            connection.commit()
        assert query(postgres.create_database("copy", template="pattern"), "SELECT n FROM t") == 7

    def test_text_sorts_by_code_point_as_in_sqlite(self, postgres_database: str) -> None:
        statement = "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b', 'A', 'a', 'B', 'é']) AS x"
        assert query(postgres_database, statement) == "ABabé"

    def test_a_folder_used_before_keeps_its_data(self) -> None:
        # Not pytest's own temporary folder: only its owner may enter that, and PostgreSQL is another user under root.
        with subprocess_folder() as folder:
            with private_postgres(folder) as server:
                server.create_database("kept")
            with private_postgres(folder) as server:
                assert query(server.url_for("kept"), "SELECT current_database()") == "kept"

    @pytest.mark.parametrize("end", [PostgresServer.stop, PostgresServer.kill])
    def test_what_was_committed_outlives_its_end(self, end: Callable[[PostgresServer], None]) -> None:
        with private_postgres() as server:
            url = server.create_database("kept")
            with contextlib.closing(psycopg2.connect(url.replace("+psycopg2", ""))) as connection:
                connection.cursor().execute("CREATE TABLE t AS SELECT 7 AS n")
                connection.commit()
                end(server)
            assert not server.answers()
            server.start()
            assert query(url, "SELECT n FROM t") == 7

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
    def test_a_folder_closed_to_its_user_is_named(self, postgres: PostgresServer, tmp_path: Path) -> None:
        tmp_path.chmod(0o700)
        with pytest.raises(ServerError, match=r"cannot write to .*closed"), private_postgres(tmp_path / "closed"):
            pass


class TestRabbitMQ:
    def test_virtual_hosts_share_nothing(self, rabbitmq: RabbitMQServer) -> None:
        one, other = connect(rabbitmq.create_vhost("one")), connect(rabbitmq.create_vhost("other"))
        with one, other:
            one.channel().queue_declare("only-here", durable=True, auto_delete=False)
            with pytest.raises(Exception, match="NOT_FOUND"):
                other.channel().queue_declare("only-here", passive=True)

    def test_what_is_durable_outlives_a_kill(self, own_rabbitmq: RabbitMQServer) -> None:
        with connect(own_rabbitmq.url) as connection:
            channel = connection.channel()
            channel.queue_declare("kept", durable=True, auto_delete=False)
            channel.confirm_select()
            channel.basic_publish_confirm(Message("hello", delivery_mode=2), routing_key="kept")
            own_rabbitmq.kill()
            assert not own_rabbitmq.answers()
            with contextlib.suppress(OSError):
                connection.collect()
        own_rabbitmq.start()
        with connect(own_rabbitmq.url) as connection:
            channel = connection.channel()
            assert channel.basic_get("kept", no_ack=True).body == "hello"

    def test_a_folder_used_before_keeps_its_queues(self, rabbitmq: RabbitMQServer, tmp_path: Path) -> None:
        with private_rabbitmq(tmp_path / "used") as server, connect(server.url) as connection:
            connection.channel().queue_declare("kept", durable=True, auto_delete=False)
        with private_rabbitmq(tmp_path / "used") as server, connect(server.url) as connection:
            assert connection.channel().queue_declare("kept", passive=True).queue == "kept"

    def test_it_listens_on_loopback_alone(self, rabbitmq: RabbitMQServer) -> None:
        listening = (
            Path(f"/proc/{rabbitmq.pid}/net/tcp").read_text() + Path(f"/proc/{rabbitmq.pid}/net/tcp6").read_text()
        )
        addresses = [line.split()[1] for line in listening.splitlines()[1:] if line.split()[3] == "0A"]
        own = {rabbitmq.port, rabbitmq._distribution_port, rabbitmq._epmd_port}
        hosts = {address.split(":")[0] for address in addresses if int(address.split(":")[1], 16) in own}
        assert hosts <= {"0100007F", "00000000000000000000000001000000"}  # 127.0.0.1, ::1
        assert hosts


@contextlib.contextmanager
def subprocess_folder():
    """A folder that other users may enter, removed at the end."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="porchlight-test-"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize(("fixture", "starter"), [("postgres", "private_postgres"), ("rabbitmq", "private_rabbitmq")])
def test_a_server_ends_when_its_parent_is_killed(
    fixture: str, starter: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    request.getfixturevalue(fixture)  # left out where it is not installed
    said = tmp_path / "port"
    with subprocess_folder() as folder:
        command = [sys.executable, "-c", PARENT.format(starter=starter), str(folder / "server"), str(said)]
        # An empty HOME, as under a service manager.
        parent = subprocess.Popen(command, env={"PATH": os.environ["PATH"], "HOME": ""}, cwd=Path(__file__).parents[2])
        try:
            eventually(lambda: parent.poll() is not None or (said.exists() and said.read_text() != ""))
            assert parent.poll() is None, "the parent ended before its server was up"
            port = int(said.read_text())
            assert someone_listens(port)
        finally:
            parent.kill()
            parent.wait(10)
        eventually(lambda: not someone_listens(port))


def test_a_process_that_dies_while_starting_is_reported_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = start(["sh", "-c", "echo no such disk >&2; exit 3"], log=log)
    with pytest.raises(ServerError, match=r"(?s)ended with code 3.*no such disk"):
        wait_until(lambda: False, process=process, name="Thing", log=log, timeout_s=10)


def test_a_process_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    process = start(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"], log=tmp_path / "log")
    eventually(lambda: "ready" in (tmp_path / "log").read_text())
    assert stop(process, timeout_s=0.3) == -signal.SIGKILL


def test_free_ports_are_outside_the_range_of_outgoing_connections() -> None:
    assert all(port < 32768 for port in (free_port() for _ in range(20)))
