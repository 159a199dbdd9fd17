"""The running process's door for commands on the same machine: a socket in the home folder, its owner's alone.

A request is a line of JSON: service, method, fields, seconds to wait. The answer is a line: the result, or a refusal.
"""

import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import eventlet
import msgspec

from chassis import commands
from chassis.rpc import DEFAULT_TIMEOUT_S
from contracts import balance, billing, codes, identity, notify, payments
from contracts.topology import OWNERS
from contracts.wire import Command, Refused
from porchlight.connection import Caller

log = logging.getLogger(__name__)

LONGEST_LINE = 16 * 1024 * 1024

Answer = TypeVar("Answer")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    service: str
    method: str
    fields: msgspec.Raw
    timeout_s: float


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """Either `result`, or `code` with `message` and `details`."""

    result: msgspec.Raw = msgspec.Raw(b"null")
    code: str | None = None
    message: str = ""
    details: dict[str, Any] = {}


class Doorway:
    """The server's side: passes commands on to the services of this process."""

    def __init__(self, path: Path, caller: Caller) -> None:
        self._path = path
        self._caller = caller
        self._types = _command_types()
        path.unlink(missing_ok=True)
        self._listening = eventlet.listen(str(path), family=eventlet.green.socket.AF_UNIX)
        path.chmod(0o600)
        self._server = eventlet.spawn(eventlet.serve, self._listening, self._visit)

    def close(self) -> None:
        """Take no more commands."""
        self._server.kill()
        self._listening.close()
        self._path.unlink(missing_ok=True)

    def _visit(self, connection: Any, _address: object) -> None:
        # Nothing is raised from here: eventlet would close the door on everybody, silently.
        with contextlib.closing(connection), connection.makefile("rb") as lines:
            try:
                while line := lines.readline(LONGEST_LINE):
                    connection.sendall(msgspec.json.encode(self._reply(line)) + b"\n")
            except OSError:
                log.debug("a command left before it had its answer")
            except Exception:
                log.exception("a command could not be answered")

    def _reply(self, line: bytes) -> Reply:
        try:
            request = msgspec.json.decode(line, type=Request)
            command_type = self._types[request.service, request.method]
            command = msgspec.json.decode(request.fields, type=command_type)
        except (msgspec.MsgspecError, KeyError) as error:
            return Reply(code=codes.INVALID, message=f"the running process does not understand this command: {error}")
        try:
            result = self._caller.call(command, timeout_s=request.timeout_s)
        except Refused as refused:
            return Reply(code=refused.code, message=refused.message, details=refused.details)
        return Reply(result=msgspec.Raw(msgspec.json.encode(result)))


class Visitor:
    """The command's side: calls services through the process that uses the home folder."""

    def __init__(self, path: Path) -> None:
        self._connection = eventlet.connect(str(path), family=eventlet.green.socket.AF_UNIX)
        self._lines = self._connection.makefile("rb")

    def call(self, command: Command[Answer], timeout_s: float = DEFAULT_TIMEOUT_S) -> Answer:
        """Return the service's answer or raise its Refused; `unavailable` when the process has ended."""
        request = Request(
            service=command.service,
            method=command.method,
            fields=msgspec.Raw(msgspec.json.encode(command)),
            timeout_s=timeout_s,
        )
        try:
            self._connection.sendall(msgspec.json.encode(request) + b"\n")
            line = self._lines.readline(LONGEST_LINE)
        except OSError:
            line = b""
        if not line:
            raise Refused(codes.UNAVAILABLE, "The running process has ended.")
        reply = msgspec.json.decode(line, type=Reply)
        if reply.code is not None:
            raise Refused(reply.code, reply.message, **reply.details)
        answer: Answer = msgspec.json.decode(reply.result, type=command.answer_type)
        return answer

    def gather(self, commands: Mapping[str, Command[Any]], timeout_s: float = DEFAULT_TIMEOUT_S) -> dict[str, Any]:
        """Make the calls one after the other; under each name its answer, or the Refused in its place."""
        answers: dict[str, Any] = {}
        for name, command in commands.items():
            try:
                answers[name] = self.call(command, timeout_s)
            except Refused as refused:
                answers[name] = refused
        return answers

    def close(self) -> None:
        """Leave."""
        self._lines.close()
        self._connection.close()


def _command_types() -> dict[tuple[str, str], type[Command[Any]]]:
    found: dict[tuple[str, str], type[Command[Any]]] = {}
    for module in (identity, billing, balance, payments, notify):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Command) and value is not Command:
                found[value.service, value.method] = value
    for service in OWNERS:
        for command_type in commands.for_service(service).types():
            found[service, command_type.method] = command_type
    return found
