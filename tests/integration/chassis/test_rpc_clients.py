"""Where the RPC client lives: beside a broker that goes and returns, among greenlets, in forked children."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from chassis.rpc import RpcClient
from chassis.rpc_connection import BrokerUnreachable
from contracts import codes
from contracts.wire import Refused
from porchlight.private_servers.processes import free_port
from tests.support.greeter import greetings
from tests.support.greeter.greetings import Greet
from tests.support.greeter.process import ROOT, running_greeter
from tests.support.waiting import eventually


def answered(client):
    return not isinstance(client.gather({"": Greet(name="Ann")})[""], Refused)


def test_client_and_service_come_back_when_the_broker_does(own_rabbitmq, tmp_path):
    with running_greeter(broker_url=own_rabbitmq.url, folder=tmp_path) as greeter:
        client = RpcClient(own_rabbitmq.url)
        assert client.call(Greet(name="Ann")).text == "hello Ann"
        own_rabbitmq.kill()
        eventually(lambda: not client.connected)
        for _ in range(3):
            started = time.monotonic()
            refused = client.gather({"": Greet(name="Ann")}, timeout_s=30.0)[""]
            assert refused.code == codes.UNAVAILABLE
            assert time.monotonic() - started < 10.0, "a refused connection is known at once"
        own_rabbitmq.start()
        eventually(lambda: answered(client), what="an answer after the restart")
        assert client.waiting == 0
        assert greeter.process.poll() is None
        client.close()


def test_a_call_that_waits_when_the_broker_dies_fails_at_once(own_rabbitmq, tmp_path):
    with running_greeter(broker_url=own_rabbitmq.url, folder=tmp_path):
        client = RpcClient(own_rabbitmq.url)
        assert answered(client)
        mark = tmp_path / "mark"
        started = time.monotonic()
        killing = threading.Thread(target=lambda: eventually(mark.exists) and own_rabbitmq.kill())
        killing.start()
        refused = client.gather({"": greetings.Linger(seconds=20, mark=str(mark))}, timeout_s=30.0)[""]
        killing.join()
        assert refused.code == codes.UNAVAILABLE
        assert time.monotonic() - started < 10.0
        client.close()


def test_a_broker_that_stalls_costs_a_call_its_deadline_and_no_more(own_rabbitmq, tmp_path):
    with running_greeter(broker_url=own_rabbitmq.url, folder=tmp_path):
        client = RpcClient(own_rabbitmq.url)
        assert answered(client)
        os.kill(own_rabbitmq.pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert client.gather({"": Greet(name="Ann")}, timeout_s=0.5)[""].code == codes.UNAVAILABLE
            assert time.monotonic() - started < 4.0
        finally:
            os.kill(own_rabbitmq.pid, signal.SIGCONT)
        eventually(lambda: answered(client))
        client.close()


def test_a_broker_that_is_not_there_is_named_without_its_password():
    client = RpcClient(f"amqp://porchlight:s3cr3t-of-mine@127.0.0.1:{free_port()}/")
    with pytest.raises(BrokerUnreachable, match=r"porchlight:\*\*@127\.0\.0\.1") as caught:
        client.connect(5.0)
    assert "s3cr3t" not in str(caught.value)
    client.close()


@pytest.fixture(scope="module")
def broker_url(rabbitmq):
    return rabbitmq.create_vhost("rpc-clients")


@pytest.fixture(scope="module")
def greeter(broker_url, tmp_path_factory):
    with running_greeter(broker_url=broker_url, folder=tmp_path_factory.mktemp("greeter")) as running:
        yield running


def test_greenlets_share_one_client_and_none_holds_up_the_others(broker_url, greeter):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.support.greeter.green_client", broker_url],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=40,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["right"] == [True] * 20
    assert told["late"] == codes.UNAVAILABLE
    assert 0.1 <= told["late after s"] < 1.2, "the answer itself takes 1.5 s"
    assert told["ticks meanwhile"] >= 5
    assert told["waiting"] == 0


def test_a_forked_child_makes_a_connection_of_its_own(broker_url, greeter):
    client = RpcClient(broker_url)
    assert answered(client)
    child = os.fork()
    if child == 0:
        # The parent's thread does not exist here, and its socket must not be written to.
        os._exit(0 if answered(client) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert answered(client)
    client.close()
