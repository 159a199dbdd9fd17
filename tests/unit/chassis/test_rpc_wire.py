import time

import msgspec
import pytest

from chassis import rpc_wire
from contracts import codes
from contracts.wire import Refused
from tests.support.greeter.greetings import Crash, Greet, Greeting


def body(*args, **kwargs):
    return msgspec.json.encode({"args": args, "kwargs": kwargs})


def test_a_request_is_read_as_it_was_written():
    command = Greet(name="Ann", times=2)
    assert rpc_wire.decode_request(rpc_wire.encode_request(command), Greet) == command


def test_positional_arguments_fill_the_fields_in_order():
    assert rpc_wire.decode_request(body("Ann", times=2), Greet) == Greet(name="Ann", times=2)


def test_fields_that_this_side_does_not_know_are_passed_over():
    assert rpc_wire.decode_request(body(name="Ann", mood="glad"), Greet) == Greet(name="Ann")


def test_a_field_that_does_not_fit_is_named():
    with pytest.raises(Refused) as caught:
        rpc_wire.decode_request(body(name=7), Greet)
    assert caught.value.code == codes.INVALID
    assert caught.value.details == {"field": "name"}


@pytest.mark.parametrize("nonsense", [b"", b"{", b"[]", b"\xff\xfe", b'{"kwargs": 1}', b"null", body("a", 1, 2, 3)])
def test_a_body_that_is_no_request_is_malformed(nonsense):
    with pytest.raises(rpc_wire.Malformed):
        rpc_wire.decode_request(nonsense, Greet)


def test_a_refusal_crosses_whole():
    refused = Refused(codes.CONFLICT, "That name is taken.", name="Ann", tries=3)
    with pytest.raises(Refused) as caught:
        rpc_wire.decode_reply(rpc_wire.encode_refusal(refused), Greet)
    assert (caught.value.code, caught.value.message, caught.value.details) == (
        refused.code,
        refused.message,
        refused.details,
    )


def test_details_may_have_any_names():
    refused = Refused(codes.CONFLICT, "no")
    refused.details = {"code": 1, "message": 2, "self": 3}
    with pytest.raises(Refused) as caught:
        rpc_wire.decode_reply(rpc_wire.encode_refusal(refused), Greet)
    assert caught.value.details == refused.details


def test_another_programs_exception_does_not_show_its_text():
    reply = msgspec.json.encode(
        {"result": None, "error": {"exc_type": "KeyError", "exc_path": "builtins.KeyError", "value": "the password"}}
    )
    with pytest.raises(Refused) as caught:
        rpc_wire.decode_reply(reply, Crash)
    assert caught.value.code == codes.INTERNAL
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("nonsense", [b"", b"[]", b'{"result": {"text": 1}}'])
def test_an_answer_that_cannot_be_read_is_a_failure_of_the_service(nonsense):
    with pytest.raises(Refused) as caught:
        rpc_wire.decode_reply(nonsense, Greet)
    assert caught.value.code == codes.INTERNAL


def test_an_answer_is_read_as_its_type():
    assert rpc_wire.decode_reply(rpc_wire.encode_answer(Greeting(text="hi")), Greet) == Greeting(text="hi")


def test_a_request_is_as_old_as_its_headers_say():
    now_ms = int(time.time() * 1000)
    fresh = {"lifetime_ms": 2000, "sent_at_ms": now_ms}
    old = {"lifetime_ms": 2000, "sent_at_ms": now_ms - 20_000}
    skewed = {"lifetime_ms": 2000, "sent_at_ms": now_ms - 4_000}
    assert not rpc_wire.has_expired(fresh)
    assert rpc_wire.has_expired(old)
    assert not rpc_wire.has_expired(skewed)
    assert rpc_wire.has_expired(skewed, tolerated_skew_ms=0)


@pytest.mark.parametrize("headers", [{}, {"lifetime_ms": "2000", "sent_at_ms": 1}, {"lifetime_ms": 2000}])
def test_a_request_without_a_lifetime_does_not_expire(headers):
    assert not rpc_wire.has_expired(headers)
