"""RPC as it travels: nameko's own form, so that any nameko client or service takes part.

A request goes to the exchange `nameko-rpc` under `<service>.<method>` with the body
`{"args": [], "kwargs": {fields}}`; the reply goes to the same exchange under the request's `reply_to`, with the
body `{"result": …, "error": null}` or an error that names its type. Our additions ride in headers.
"""

import logging
import time
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec

from contracts import codes
from contracts.wire import Command, Refused

log = logging.getLogger(__name__)

EXCHANGE = "nameko-rpc"
LIFETIME_HEADER = "lifetime_ms"
SENT_AT_HEADER = "sent_at_ms"
TOLERATED_SKEW_MS = 5_000
"""By how much two machines' clocks may differ before a request counts as older than it is."""

Fields = TypeVar("Fields")


class Request(msgspec.Struct, Generic[Fields]):
    """The body of a request. nameko's proxies also send positional arguments."""

    kwargs: Fields
    args: list[Any] = []


class Reply(msgspec.Struct, Generic[Fields]):
    """The body of a reply: a result or an error."""

    result: Fields | None = None
    error: dict[str, Any] | None = None


class Malformed(Exception):
    """A body that is no request of nameko's form."""


def routing_key_of(command: Command[Any] | type[Command[Any]]) -> str:
    """Return where on the exchange requests of this type go."""
    return f"{command.service}.{command.method}"


def encode_request(command: Command[Any]) -> bytes:
    """Return the body that asks for `command`."""
    return msgspec.json.encode({"args": (), "kwargs": command})


@cache
def _request_decoder(command_type: type[Command[Any]]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(Request[command_type])  # type: ignore[valid-type]


@cache
def _reply_decoder(command_type: type[Command[Any]]) -> msgspec.json.Decoder[Any]:
    answer_type: Any = Any if command_type.answer_type is None else command_type.answer_type
    generic: Any = Reply
    return msgspec.json.Decoder(generic[answer_type])


def decode_request(body: bytes | str, command_type: type[Command[Any]]) -> Command[Any]:
    """Read a request; raises Malformed, or Refused `invalid` naming the field that is wrong."""
    _refuse_nul(body)
    try:
        request = _request_decoder(command_type).decode(body)
        if not request.args:
            command: Command[Any] = request.kwargs
            return command
    except msgspec.ValidationError:
        pass  # Perhaps its fields came as positional arguments; the slow way finds out and explains.
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Malformed(str(error)) from None
    return _decode_loosely(body, command_type)


def _refuse_nul(body: bytes | str) -> None:
    """No text that people write holds U+0000, and PostgreSQL stores none; JSON can write it in this one way only."""
    escaped = "\\u0000" if isinstance(body, str) else b"\\u0000"
    if escaped not in body:  # type: ignore[operator]
        return
    try:
        holds_nul = _holds_nul(msgspec.json.decode(body))
    except msgspec.DecodeError as error:
        raise Malformed(str(error)) from None
    if holds_nul:
        raise Refused(codes.INVALID, "A character in this request cannot be stored.")


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(each) for pair in value.items() for each in pair)
    return isinstance(value, list) and any(_holds_nul(each) for each in value)


def _decode_loosely(body: bytes | str, command_type: type[Command[Any]]) -> Command[Any]:
    try:
        request = msgspec.json.decode(body, type=Request[dict[str, Any]])
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
    names = command_type.__struct_fields__
    if len(request.args) > len(names):
        raise Malformed(f"{len(request.args)} positional arguments for {len(names)} fields")
    try:
        fields = {**dict(zip(names, request.args, strict=False)), **request.kwargs}
        loosely: Command[Any] = msgspec.convert(fields, command_type)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        field = {"field": where.rstrip("`")} if where else {}
        raise Refused(codes.INVALID, f"The request is not valid: {what}.", **field) from None
    return loosely


def encode_answer(answer: Any) -> bytes:
    """Return the body of the reply that carries `answer`. Raises TypeError if it is no plain data."""
    return msgspec.json.encode({"result": answer, "error": None})


def encode_refusal(refused: Refused) -> bytes:
    """Return the body of the reply that carries a refusal, which stock nameko clients take for a RemoteError."""
    error = {
        "exc_type": "Refused",
        "exc_path": "contracts.wire.Refused",
        "exc_args": [refused.code, refused.message],
        "value": refused.message,
        "code": refused.code,
        "message": refused.message,
        "details": refused.details,
    }
    return msgspec.json.encode({"result": None, "error": error})


def encode_error(error_type: str, value: str) -> bytes:
    """Return the body of a reply that carries one of nameko's own errors (`MethodNotFound`, …)."""
    path = f"nameko.exceptions.{error_type}"
    error = {"exc_type": error_type, "exc_path": path, "exc_args": [value], "value": value}
    return msgspec.json.encode({"result": None, "error": error})


def decode_reply(body: bytes | str, command_type: type[Command[Any]]) -> Any:
    """Return the answer in a reply, or raise the Refused that it carries."""
    try:
        reply = _reply_decoder(command_type).decode(body)
    except (msgspec.MsgspecError, UnicodeError) as error:
        log.error("the answer of %s cannot be read: %s", routing_key_of(command_type), error)
        raise Refused(codes.INTERNAL, "The service's answer could not be understood.") from None
    if reply.error is not None:
        raise _refusal_from(reply.error, command_type)
    return reply.result


def _refusal_from(error: dict[str, Any], command_type: type[Command[Any]]) -> Refused:
    if isinstance(error.get("code"), str) and isinstance(error.get("message"), str):
        details = error.get("details")
        refused = Refused(error["code"], error["message"])
        refused.details = details if isinstance(details, dict) else {}
        return refused
    # Another program's exception: its text may hold anything, so it goes to the log only.
    log.error("%s failed with %s: %s", routing_key_of(command_type), error.get("exc_type"), error.get("value"))
    if str(error.get("exc_path", "")).startswith("nameko.exceptions."):
        return Refused(codes.INVALID, "The service does not understand this request.")
    return Refused(codes.INTERNAL, "The service failed.")


def lifetime_headers(timeout_s: float) -> dict[str, int]:
    """Return the headers that tell how long this request is worth carrying out."""
    return {LIFETIME_HEADER: int(timeout_s * 1000), SENT_AT_HEADER: int(time.time() * 1000)}


def has_expired(headers: dict[str, Any], *, tolerated_skew_ms: int = TOLERATED_SKEW_MS) -> bool:
    """Whether the sender of a request with these headers has surely stopped waiting."""
    lifetime_ms, sent_at_ms = headers.get(LIFETIME_HEADER), headers.get(SENT_AT_HEADER)
    if not isinstance(lifetime_ms, int) or not isinstance(sent_at_ms, int):
        return False
    return time.time() * 1000 - sent_at_ms > lifetime_ms + tolerated_skew_ms
