"""Starting, killing and stopping the processes of a compose file; the real file is started by tests/e2e."""

import os
import signal
from pathlib import Path
from typing import cast

import pytest

from porchlight.compose import LocalAddresses, read
from porchlight.local_stack import LocalStack
from porchlight.private_servers import PostgresServer, RabbitMQServer, ServerError
from porchlight.private_servers.processes import free_port

FILE = """
services:
  web:
    build: .
    command: [python, server.py]
    expose: ["8080"]
    stop_grace_period: 1s
    environment: {PORT: "8080", SAID: "${SAID:-nothing}"}
    healthcheck: {test: [CMD, python, -c, "urlopen('http://127.0.0.1:8080/readyz')"]}
  stubborn:
    build: .
    command: [python, server.py, stubborn]
    expose: ["8080"]
    stop_grace_period: 1s
    environment: {PORT: "8080"}
    healthcheck: {test: [CMD, python, -c, "urlopen('http://127.0.0.1:8080/readyz')"]}
  job:
    build: .
    command: [python, -c, "import os, sys; print('done'); sys.exit(int(os.environ['CODE']))"]
    environment: {CODE: "${CODE:-0}"}
"""

SERVER = """
import http.server, os, signal, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
    def log_message(self, *arguments):
        pass
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("said", os.environ.get("SAID"), flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""


def make_stack(folder: Path, **variables: str) -> LocalStack:
    (folder / "docker-compose.yml").write_text(FILE, encoding="utf-8")
    (folder / "server.py").write_text(SERVER, encoding="utf-8")
    composition = read(folder / "docker-compose.yml")
    return LocalStack(
        composition=composition,
        addresses=LocalAddresses(ports={place: free_port() for place in composition.ports()}),
        variables=variables,
        folder=folder,
        rabbitmq=cast(RabbitMQServer, None),  # these processes speak to neither
        postgres=cast(PostgresServer, None),
    )


@pytest.fixture
def stack(tmp_path: Path):
    stack = make_stack(tmp_path, SAID="hello")
    yield stack
    stack.stop_all()


def test_a_started_service_is_ready_and_logs_to_its_file(stack: LocalStack) -> None:
    stack.start("web")
    assert stack.is_ready("web")
    assert stack.log("web").read_text() == "said hello\n"


def test_a_killed_service_is_gone_and_can_be_started_again(stack: LocalStack) -> None:
    stack.start("web")
    pid = stack.pid("web")
    stack.kill("web")
    assert not stack.is_ready("web")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    stack.start("web")
    assert stack.is_ready("web")


def test_a_second_copy_runs_beside_the_first_on_a_port_of_its_own(stack: LocalStack) -> None:
    copy = stack.copy_of("web")
    assert stack.copy_of("web") == copy
    stack.start("web", copy)
    assert stack.running == ["web", copy]
    stack.kill("web")
    assert not stack.is_ready("web")
    assert stack.is_ready(copy)


def test_stopping_asks_first_and_kills_after_the_grace_period(stack: LocalStack) -> None:
    stack.start("web", "stubborn")
    web, stubborn = stack._running["web"], stack._running["stubborn"]
    stack.stop_all()
    assert (web.returncode, stubborn.returncode) == (-signal.SIGTERM, -signal.SIGKILL)
    assert stack.running == []


def test_a_service_that_dies_while_starting_is_reported_with_its_log(tmp_path: Path) -> None:
    stack = make_stack(tmp_path)
    (tmp_path / "server.py").write_text("raise SystemExit('no database')", encoding="utf-8")
    with pytest.raises(ServerError, match=r"(?s)web ended with code 1.*no database"):
        stack.start("web")


def test_a_job_is_waited_for_and_its_failure_reported(tmp_path: Path) -> None:
    stack = make_stack(tmp_path)
    stack.run_job("job")
    assert stack.log("job").read_text() == "done\n"
    with pytest.raises(ServerError, match="job failed with code 3"):
        make_stack(tmp_path, CODE="3").run_job("job")
