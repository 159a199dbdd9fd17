"""A service as a process: how it starts, says how it is, stops and fails."""

import json
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from amqp.exceptions import ResourceLocked
from kombu import Connection

from chassis.commands import for_service
from chassis.drained import drained
from chassis.rpc import RpcClient
from contracts.wire import Refused
from porchlight.private_servers.processes import free_port
from tests.support.greeter import greetings
from tests.support.greeter.process import SECRET, Greeter, environment, running_greeter
from tests.support.greeter.service import LISTENERS
from tests.support.raw_broker import raw_broker
from tests.support.waiting import eventually


@pytest.fixture
def rpc(amqp_url):
    client = RpcClient(amqp_url)
    yield client
    client.close()


@pytest.fixture
def started(tmp_path):
    """Called with settings that differ, starts a greeter without waiting for it."""
    running: list[Greeter] = []

    def start(*arguments, broker_url, **more):
        environ = environment(broker_url=broker_url, folder=tmp_path, **more)
        running.append(Greeter(environ, tmp_path / f"greeter-{len(running)}.log", *arguments))
        return running[-1]

    yield start
    for greeter in running:
        greeter.end()


def ask(port, path):
    """Return status and JSON of a health address, or None while nobody listens there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except (urllib.error.URLError, ConnectionError):
        return None


@pytest.mark.parametrize("stop_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_what_runs_and_takes_nothing_new(amqp_url, rpc, tmp_path, stop_signal):
    mark = tmp_path / "mark"
    with running_greeter(broker_url=amqp_url, folder=tmp_path) as greeter, raw_broker(amqp_url) as raw:
        body = json.dumps({"args": [], "kwargs": {"seconds": 1.5, "mark": str(mark)}}).encode()
        raw.request(body, routing_key="greetings.linger")
        eventually(mark.exists)
        greeter.ask_to_stop(stop_signal)
        assert raw.reply()["result"]["text"] == "at last"
        assert greeter.exit_code() == 0
        assert mark.read_text() == "began\nended\n"
        # Acknowledged: the next copy of the service does not do it again.
        assert raw.depth("rpc-greetings") == 0
        assert isinstance(rpc.gather({"": greetings.Greet(name="Ann")}, timeout_s=0.2)[""], Refused)


def test_work_that_outlasts_the_grace_period_is_cut_off_and_done_by_the_next_copy(amqp_url, tmp_path):
    mark = tmp_path / "mark"
    body = json.dumps({"args": [], "kwargs": {"seconds": 30, "mark": str(mark)}}).encode()
    with (
        running_greeter(broker_url=amqp_url, folder=tmp_path, PORCHLIGHT_STOP_GRACE_S="1") as greeter,
        raw_broker(amqp_url) as raw,
    ):
        raw.request(body, routing_key="greetings.linger")
        eventually(mark.exists)
        greeter.ask_to_stop()
        assert greeter.exit_code(timeout_s=10) == 0
        eventually(lambda: raw.depth("rpc-greetings") == 1, what="the request back in its queue")
    assert "is cut off" in greeter.output


def test_a_second_signal_cuts_off_at_once(amqp_url, tmp_path):
    mark = tmp_path / "mark"
    body = json.dumps({"args": [], "kwargs": {"seconds": 30, "mark": str(mark)}}).encode()
    with running_greeter(broker_url=amqp_url, folder=tmp_path) as greeter, raw_broker(amqp_url) as raw:
        raw.request(body, routing_key="greetings.linger")
        eventually(mark.exists)
        greeter.ask_to_stop()
        greeter.await_output('"stopping')
        greeter.ask_to_stop()
        assert greeter.exit_code(timeout_s=10) == 0
        assert mark.read_text() == "began\n"


def test_a_broker_that_is_not_there_is_named_and_the_start_given_up(started, tmp_path):
    url = f"amqp://porchlight:s3cr3t-of-mine@127.0.0.1:{free_port()}/"
    greeter = started(broker_url=url, PORCHLIGHT_START_TIMEOUT_S="1")
    assert greeter.exit_code() == 1
    assert "cannot reach the broker amqp://porchlight:***@127.0.0.1" in greeter.output
    assert "s3cr3t" not in greeter.output


def test_a_database_that_is_not_there_is_named_and_the_start_given_up(started, amqp_url):
    url = f"postgresql://greeter:s3cr3t-of-mine@127.0.0.1:{free_port()}/greetings"
    greeter = started(broker_url=amqp_url, GREETER_DATABASE_URL=url, PORCHLIGHT_START_TIMEOUT_S="1")
    assert greeter.exit_code() == 1
    assert "cannot reach the database" in greeter.output
    assert "greeter:***@127.0.0.1" in greeter.output
    assert "s3cr3t" not in greeter.output


def test_a_database_without_tables_is_told_how_to_get_them(started, amqp_url):
    greeter = started(broker_url=amqp_url, PORCHLIGHT_START_TIMEOUT_S="0")
    assert greeter.exit_code() == 1
    assert "not migrated" in greeter.output
    assert "python -m tests.support.greeter migrate" in greeter.output


def test_missing_settings_are_named(started):
    greeter = started(broker_url="", GREETER_SECRET="changeme-changeme")
    assert greeter.exit_code() == 1
    assert "PORCHLIGHT_BROKER_URL" in greeter.output
    assert "GREETER_SECRET" in greeter.output
    assert "Traceback" not in greeter.output


def test_a_stop_while_waiting_for_the_broker_is_obeyed(started):
    greeter = started(broker_url=f"amqp://porchlight:pw-of-mine@127.0.0.1:{free_port()}/")
    greeter.await_output("cannot reach the broker")
    greeter.ask_to_stop()
    assert greeter.exit_code(timeout_s=5) == 0


def test_a_service_that_dies_ends_the_process(amqp_url, rpc, tmp_path):
    with running_greeter(broker_url=amqp_url, folder=tmp_path) as greeter:
        rpc.gather({"": greetings.Die()})
        assert greeter.exit_code() == 1
        assert "a part of the service is broken" in greeter.output
        assert "the service greetings died" in greeter.output


def test_migrate_twice_changes_nothing_the_second_time(started, amqp_url):
    for _ in range(2):
        greeter = started("migrate", broker_url=amqp_url)
        assert greeter.exit_code() == 0, greeter.output
        assert "is up to date" in greeter.output


def test_migrate_names_a_database_that_is_not_there(started, amqp_url):
    url = f"postgresql://greeter:s3cr3t-of-mine@127.0.0.1:{free_port()}/greetings"
    greeter = started("migrate", broker_url=amqp_url, GREETER_DATABASE_URL=url, PORCHLIGHT_START_TIMEOUT_S="1")
    assert greeter.exit_code() == 1
    assert "cannot reach the database" in greeter.output
    assert "s3cr3t" not in greeter.output


def test_a_service_says_whether_it_lives_and_is_ready(own_rabbitmq, tmp_path):
    port = free_port()
    with running_greeter(broker_url=own_rabbitmq.url, folder=tmp_path, PORCHLIGHT_HEALTH_PORT=str(port)):
        assert ask(port, "/livez") == (200, {"status": "alive"})
        eventually(lambda: ask(port, "/readyz")[0] == 200, what="readiness")
        assert ask(port, "/elsewhere")[0] == 404
        own_rabbitmq.kill()
        eventually(lambda: ask(port, "/readyz")[0] == 503, what="unreadiness")
        problems = " ".join(ask(port, "/readyz")[1]["problems"]["greetings"])
        assert f"127.0.0.1:{own_rabbitmq.port}" in problems
        assert own_rabbitmq.password not in problems
        assert ask(port, "/livez") == (200, {"status": "alive"})
        own_rabbitmq.start()
        eventually(lambda: ask(port, "/readyz")[0] == 200, what="readiness after the restart")


def test_a_service_is_not_ready_before_the_queues_it_made_would_outlive_a_kill(amqp_url, tmp_path):
    port = free_port()
    said = []

    def is_ready():
        said.append(ask(port, "/readyz"))
        return said[-1] is not None and said[-1][0] == 200

    for queues_are_new in (True, False):
        said.clear()
        with running_greeter(broker_url=amqp_url, folder=tmp_path, PORCHLIGHT_HEALTH_PORT=str(port)):
            eventually(is_ready, what="readiness")
        assert ("just been made" in str(said)) is queues_are_new


def test_health_is_answered_while_the_service_still_waits_for_its_broker(started):
    port = free_port()
    started(broker_url=f"amqp://porchlight:pw-of-mine@127.0.0.1:{free_port()}/", PORCHLIGHT_HEALTH_PORT=str(port))
    assert eventually(lambda: ask(port, "/livez")) == (200, {"status": "alive"})
    assert ask(port, "/readyz") == (
        503,
        {"status": "not ready", "problems": {"greetings": ["greetings is not running"]}},
    )


@contextmanager
def seized(amqp_url: str, queue: str) -> Iterator[None]:
    """Replace a queue by one that nobody else may use or declare, until the block ends."""
    with Connection(amqp_url) as connection:

        def take_it() -> bool:
            channel = connection.channel()
            try:
                channel.queue_delete(queue)
                channel.queue_declare(queue, exclusive=True)
            except ResourceLocked:
                return False  # its owner was quicker to declare it again
            return True

        eventually(take_it, what=f"the queue {queue}")
        yield


def test_a_missing_queue_makes_the_service_unready(amqp_url, tmp_path):
    port = free_port()
    with running_greeter(broker_url=amqp_url, folder=tmp_path, PORCHLIGHT_HEALTH_PORT=str(port)):
        eventually(lambda: ask(port, "/readyz")[0] == 200)
        with seized(amqp_url, "rpc-greetings"):
            eventually(lambda: ask(port, "/readyz")[0] == 503, what="unreadiness without the queue of requests")
        eventually(lambda: ask(port, "/readyz")[0] == 200, what="the queue declared again")


def test_operators_see_how_messages_stand_and_which_events_are_parked(amqp_url, rpc, tmp_path):
    ours = for_service("greetings")
    with running_greeter(broker_url=amqp_url, folder=tmp_path):
        eventually(lambda: rpc.call(ours.health()).ready, what="a healthy service")
        for number in range(5):
            rpc.call(greetings.Announce(key=str(number), text="hello"))
        counts = drained(rpc, LISTENERS, 10.0)["greetings"]
        assert counts.published == counts.handled == {"greetings.announced": 5}
        assert rpc.call(ours.list_dead_events()).events == []
        refused = rpc.gather({"": ours.replay_dead_event(event_id="unknown")})[""]
        assert refused.code == "not_found"
        rpc.call(greetings.Announce(key="bad", text="poison"))
        eventually(lambda: rpc.call(ours.message_counts()).parked == {"greetings.announced": 1})


def test_secrets_in_settings_do_not_show_in_logs(amqp_url, rpc, tmp_path):
    with running_greeter(broker_url=amqp_url, folder=tmp_path, PORCHLIGHT_LOG_LEVEL="debug") as greeter:
        rpc.gather({"": greetings.Crash()})
        greeter.await_output("about to fail")
        greeter.ask_to_stop()
        greeter.exit_code()
        assert SECRET not in greeter.output
        password = amqp_url.partition(":")[2].partition(":")[2].partition("@")[0]
        assert password
        assert password not in greeter.output


def test_a_taken_health_port_is_an_error_that_names_it(started, amqp_url):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        greeter = started(broker_url=amqp_url, PORCHLIGHT_HEALTH_PORT=str(port))
        assert greeter.exit_code() == 1
        assert str(port) in greeter.output
