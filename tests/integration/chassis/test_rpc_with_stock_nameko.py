"""Stock nameko and the chassis call each other over RabbitMQ."""

import os
import subprocess
import sys

import pytest
from nameko.exceptions import MalformedRequest, MethodNotFound, RemoteError
from nameko.standalone.rpc import ClusterRpcProxy

from chassis.rpc import RpcClient
from contracts import codes
from contracts.wire import Command, Refused
from tests.support.greeter.greetings import Greeting
from tests.support.greeter.process import ROOT, running_greeter
from tests.support.waiting import eventually

STOCK_SERVICE = """
import eventlet
eventlet.monkey_patch()
import sys
from nameko.containers import ServiceContainer
from nameko.rpc import rpc

class StockService:
    name = "stock"

    @rpc
    def greet(self, name, times=1):
        return {"text": "hello " + name, "correlation_id": ""}

    @rpc
    def crash(self):
        raise KeyError("the inner workings")

container = ServiceContainer(StockService, {"AMQP_URI": sys.argv[1]})
container.start()
container.wait()
"""


@pytest.fixture(scope="module")
def broker_url(rabbitmq):
    return rabbitmq.create_vhost("stock")


@pytest.fixture(scope="module")
def stock_client(broker_url, tmp_path_factory):
    with (
        running_greeter(broker_url=broker_url, folder=tmp_path_factory.mktemp("greeter")),
        ClusterRpcProxy({"AMQP_URI": broker_url}, timeout=10) as cluster,
    ):
        yield cluster.greetings


@pytest.fixture(scope="module")
def our_client(broker_url):
    environ = {"PATH": os.environ["PATH"]}
    command = [sys.executable, "-W", "ignore", "-c", STOCK_SERVICE, broker_url]
    service = subprocess.Popen(command, env=environ, cwd=ROOT)
    client = RpcClient(broker_url)
    try:
        eventually(lambda: not isinstance(client.gather({"": StockGreet(name="")})[""], Refused))
        yield client
    finally:
        client.close()
        service.kill()
        service.wait(10)


class StockGreet(Command[Greeting]):
    name: str
    times: int = 1


class StockCrash(Command[Greeting]):
    pass


class StockMissing(Command[Greeting]):
    pass


for command_type, method in ((StockGreet, "greet"), (StockCrash, "crash"), (StockMissing, "missing")):
    command_type.service, command_type.method = "stock", method


def test_a_stock_client_calls_our_service(stock_client):
    assert stock_client.greet(name="Ann", times=2)["text"] == "hello Ann hello Ann"


def test_a_stock_client_may_give_fields_by_position(stock_client):
    assert stock_client.greet("Ann", 2)["text"] == "hello Ann hello Ann"


def test_a_stock_client_sees_a_refusal_as_a_remote_error_with_its_sentence(stock_client):
    with pytest.raises(RemoteError, match=r"Refused That name is taken\."):
        stock_client.refuse()
    with pytest.raises(RemoteError, match="Expected `str`, got `int`"):
        stock_client.greet(name=1)


def test_a_stock_client_sees_its_own_mistakes_as_namekos_errors(stock_client):
    with pytest.raises(MethodNotFound):
        stock_client.no_such_method()
    with pytest.raises(MalformedRequest):
        stock_client.greet("Ann", 2, "too many")


def test_our_client_calls_a_stock_service(our_client):
    assert our_client.call(StockGreet(name="Ann")) == Greeting(text="hello Ann")


def test_our_client_turns_a_stock_services_exception_into_a_refusal_without_its_text(our_client):
    with pytest.raises(Refused) as caught:
        our_client.call(StockCrash())
    assert caught.value.code == codes.INTERNAL
    assert "inner workings" not in str(caught.value)


def test_our_client_calling_a_stock_service_wrongly_is_refused_as_invalid(our_client):
    with pytest.raises(Refused) as caught:
        our_client.call(StockMissing())
    assert caught.value.code == codes.INVALID


def test_many_calls_to_a_stock_service_at_once(our_client):
    answers = our_client.gather({str(number): StockGreet(name=str(number)) for number in range(50)}, timeout_s=10.0)
    assert all(answers[str(number)] == Greeting(text=f"hello {number}") for number in range(50))
