"""The RPC client against a service of the chassis, over RabbitMQ, each in a process of its own."""

import pickle
import threading
import time

import msgspec
import pytest

from chassis import correlation
from chassis.rpc import RpcClient
from contracts import codes
from contracts.wire import Command, Refused
from tests.support.greeter import greetings
from tests.support.greeter.greetings import Greet, Greeting
from tests.support.greeter.process import running_greeter
from tests.support.raw_broker import raw_broker
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def broker_url(rabbitmq):
    return rabbitmq.create_vhost("rpc")


@pytest.fixture(scope="module")
def greeter(broker_url, tmp_path_factory):
    with running_greeter(broker_url=broker_url, folder=tmp_path_factory.mktemp("greeter")) as running:
        yield running


@pytest.fixture(scope="module")
def rpc(broker_url, greeter):
    client = RpcClient(broker_url)
    yield client
    client.close()


@pytest.fixture
def raw(broker_url, greeter):
    with raw_broker(broker_url) as broker:
        yield broker


@pytest.fixture(autouse=True)
def _serves_to_the_end(rpc, greeter):
    yield
    # Whatever a test sent: the process lives, and nothing of it is kept in the client.
    assert rpc.call(Greet(name="still there")) == Greeting(
        text="hello still there", correlation_id=correlation.current()
    )
    assert greeter.process.poll() is None
    assert rpc.waiting == 0


def refusal(call, *args, **more):
    with pytest.raises(Refused) as caught:
        call(*args, **more)
    return caught.value


def test_a_call_returns_the_answer_as_its_type(rpc):
    assert rpc.call(Greet(name="Ann", times=2)).text == "hello Ann hello Ann"


def test_a_refusal_crosses_with_code_sentence_and_details(rpc):
    refused = refusal(rpc.call, greetings.Refuse())
    assert (refused.code, refused.message) == (codes.CONFLICT, "That name is taken.")
    assert refused.details == {"name": "Ann", "tries": 3}


def test_an_unforeseen_error_crosses_without_its_cause_and_is_found_in_the_log(rpc, greeter):
    with correlation.bound("the-crash"):
        refused = refusal(rpc.call, greetings.Crash())
    assert refused.code == codes.INTERNAL
    assert "inner workings" not in refused.message
    assert refused.details["correlation_id"] == "the-crash"
    greeter.await_output("RuntimeError: the inner workings")
    [entry] = [
        entry for entry in map(msgspec.json.decode, greeter.output.splitlines()) if "inner workings" in str(entry)
    ]
    assert entry["correlation_id"] == "the-crash"
    assert entry["service"] == "greetings"
    assert "Traceback" in entry["exception"]


def test_a_database_lost_on_the_way_leaves_open_whether_the_command_was_carried_out(rpc):
    refused = refusal(rpc.call, greetings.LoseDatabase())
    # Named as by a client that got no answer: who asked may have been charged, for one, before the database went.
    assert (refused.code, refused.details) == (codes.UNAVAILABLE, {"service": "greetings"})


def test_secrets_and_addresses_stay_out_of_the_log(rpc, greeter):
    refusal(rpc.call, greetings.Crash())
    greeter.await_output("about to fail with")
    assert "a-signing-secret" not in greeter.output
    assert "about to fail with *** for ***@example.com" in greeter.output


def test_an_answer_that_is_no_plain_data_is_the_services_own_fault(rpc):
    assert refusal(rpc.call, greetings.AnswerNonsense()).code == codes.INTERNAL


def test_the_correlation_id_travels_through_services_that_call_each_other(rpc):
    with correlation.bound("from-the-browser"):
        assert rpc.call(greetings.PassOn(name="Ann")).correlation_id == "from-the-browser"


def test_gathered_calls_run_at_the_same_time_and_one_that_fails_spoils_no_other(rpc):
    started = time.monotonic()
    answers = rpc.gather(
        {
            **{f"slow {number}": greetings.Linger(seconds=0.8) for number in range(5)},
            "fine": Greet(name="Ann"),
            "refused": greetings.Refuse(),
        },
        timeout_s=10.0,
    )
    assert time.monotonic() - started < 3.0, "one after the other they take 4 s"
    assert answers["fine"].text == "hello Ann"
    assert answers["refused"].code == codes.CONFLICT
    assert all(answers[f"slow {number}"].text == "at last" for number in range(5))


def test_gathering_nothing_returns_at_once(rpc):
    assert rpc.gather({}) == {}


def test_a_call_ends_at_its_deadline_and_its_late_reply_is_dropped(rpc):
    started = time.monotonic()
    refused = refusal(rpc.call, greetings.Linger(seconds=1.5), timeout_s=0.2)
    assert refused.code == codes.UNAVAILABLE
    assert 0.2 <= time.monotonic() - started < 1.2, "the answer itself takes 1.5 s"
    assert rpc.waiting == 0
    # Until the late reply has come and gone; it must not be taken for the answer to anything else.
    time_is_over = started + 2.0
    while time.monotonic() < time_is_over:
        assert rpc.call(Greet(name="other")).text == "hello other"


def test_a_service_that_does_not_exist_is_unavailable_at_once(rpc):
    class Absent(Command[Greeting]):
        pass

    Absent.service = "nobody"
    started = time.monotonic()
    assert refusal(rpc.call, Absent(), timeout_s=30.0).code == codes.UNAVAILABLE
    assert time.monotonic() - started < 10.0


def test_a_keyed_command_to_nobody_is_unavailable_at_once_too(rpc):
    class AbsentToo(Command[Greeting]):
        key: str

    AbsentToo.service = "nobody"
    started = time.monotonic()
    assert refusal(rpc.call, AbsentToo(key="k"), timeout_s=30.0).code == codes.UNAVAILABLE
    assert time.monotonic() - started < 10.0


def test_a_method_that_does_not_exist_is_an_invalid_request(rpc):
    assert refusal(rpc.call, greetings.NotAnswered()).code == codes.INVALID


def test_a_keyed_command_is_carried_out_once(rpc):
    command = greetings.Announce(key="once", text="hello")
    assert rpc.call(command) == rpc.call(command)
    assert refusal(rpc.call, greetings.Announce(key="once", text="other")).code == codes.KEY_REUSED


def test_many_threads_share_one_client(rpc):
    wrong = []

    def work(thread):
        for number in range(40):
            name = f"{thread}-{number}"
            if rpc.call(Greet(name=name), timeout_s=10.0).text != f"hello {name}":
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_large_body_goes_both_ways(rpc):
    text = "x" * 300_000
    assert rpc.call(Greet(name=text, times=2), timeout_s=10.0).text == f"hello {text} hello {text}"


def request_body(**kwargs):
    return msgspec.json.encode({"args": [], "kwargs": kwargs})


def test_a_request_with_nobody_to_reply_to_is_done_all_the_same(raw, tmp_path):
    mark = tmp_path / "mark"
    body = request_body(seconds=0, mark=str(mark))
    raw.request(body, routing_key="greetings.linger", reply_to=None, correlation_id=None)
    eventually(lambda: mark.exists() and mark.read_text() == "began\nended\n", what="the work")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"args": []}', b'{"kwargs": 3}'])
def test_a_body_that_cannot_be_read_is_answered_and_gone(raw, body):
    raw.request(body, routing_key="greetings.greet")
    assert raw.reply()["error"]["exc_type"] == "MalformedRequest"
    raw.request(body, routing_key="greetings.greet", reply_to=None)


def test_nothing_but_json_is_read(raw):
    raw.request(pickle.dumps({"args": [], "kwargs": {}}), routing_key="greetings.greet", content_type="x-pickle")
    assert raw.reply()["error"]["exc_type"] == "MalformedRequest"


def test_an_unroutable_reply_hurts_nobody(raw):
    raw.request(request_body(name="Ann"), routing_key="greetings.greet", reply_to="a-queue-that-is-gone")


def test_an_expired_request_is_not_carried_out(raw, tmp_path):
    mark = tmp_path / "mark"
    headers = {"lifetime_ms": 1000, "sent_at_ms": int(time.time() * 1000) - 60_000}
    raw.request(request_body(seconds=0, mark=str(mark)), routing_key="greetings.linger", headers=headers)
    assert raw.reply()["error"]["code"] == codes.EXPIRED
    assert not mark.exists()


def test_a_request_that_waited_too_long_for_a_worker_is_not_carried_out(rpc, tmp_path):
    mark = tmp_path / "mark"
    busy = {str(number): greetings.Linger(seconds=0.7) for number in range(10)}
    working = threading.Thread(target=rpc.gather, args=(busy,))
    working.start()
    eventually(lambda: rpc.waiting == 10)
    # All ten workers are taken, so this one waits beyond its lifetime, behind them.
    assert refusal(rpc.call, greetings.Linger(seconds=0, mark=str(mark)), timeout_s=0.3).code == codes.UNAVAILABLE
    working.join()
    rpc.call(Greet(name="after it"))
    assert not mark.exists()


def test_every_request_is_acknowledged(raw, greeter, rpc):
    for number in range(30):
        rpc.call(Greet(name=str(number)))
    # RabbitMQ answers a purge with what was ready; unacknowledged ones would fill the prefetch window of ten.
    assert raw.depth("rpc-greetings") == 0
    assert rpc.call(Greet(name="next")).text == "hello next"
