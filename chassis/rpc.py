"""The client for calls to services: one a process, safe for threads and greenlets, every call with a deadline."""

import contextlib
import logging
import threading
import time
from collections.abc import Mapping
from typing import Any, TypeVar

from chassis import correlation, rpc_wire
from chassis.rpc_connection import BrokerUnreachable, Outcome, Unroutable
from chassis.rpc_link import RpcLink
from contracts import codes
from contracts.wire import Command, Refused

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

DEFAULT_TIMEOUT_S = 2.0

_shared: dict[str, "RpcClient"] = {}
_shared_lock = threading.Lock()


class RpcClient:
    """Calls services over the broker at `broker_url` (`amqp://…`, `amqps://…` or the in-process transport).

    Connects with the first call, again whenever the connection was lost, and anew in a forked child.
    """

    def __init__(self, broker_url: str) -> None:
        self._link = RpcLink(broker_url)

    @property
    def connected(self) -> bool:
        """Whether there is a connection to the broker at this moment."""
        return self._link.connected

    @property
    def waiting(self) -> int:
        """How many calls wait for their replies."""
        return self._link.waiting

    def connect(self, timeout_s: float) -> None:
        """Connect now; raises BrokerUnreachable, naming the broker, when an attempt fails or `timeout_s` is over."""
        self._link.connect(timeout_s)

    def call(self, command: Command[Answer], timeout_s: float = DEFAULT_TIMEOUT_S) -> Answer:
        """Return the service's answer, or raise the Refused that it gave.

        Refused `unavailable` means: no answer within `timeout_s`, no broker, or no such service. The command
        may still have been carried out unless the service never got it; a command with a key can be repeated.
        """
        outcome = self.gather({"": command}, timeout_s)[""]
        if isinstance(outcome, Refused):
            raise outcome
        return outcome  # type: ignore[no-any-return]

    def gather(self, commands: Mapping[str, Command[Any]], timeout_s: float = DEFAULT_TIMEOUT_S) -> dict[str, Any]:
        """Make all calls at once and wait for them together, at most `timeout_s` seconds; never raises.

        Returns, under each command's name, its answer or the Refused in its place.
        """
        give_up_at = time.monotonic() + timeout_s
        replies = _Replies(commands)
        sent = []
        for name, command in commands.items():
            try:
                sent.append(self._send(command, timeout_s, give_up_at, replies.taker(name)))
            except Exception as error:
                replies.put(name, error)
        if not replies.wait(give_up_at):
            for request_id in sent:
                self._link.give_up(request_id)
        return {name: _read(command, replies.outcomes.get(name)) for name, command in commands.items()}

    def close(self) -> None:
        """Disconnect. Calls that wait fail as `unavailable`; a later call connects again."""
        self._link.close()

    def _send(self, command: Command[Any], timeout_s: float, give_up_at: float, on_outcome: Any) -> str:
        headers: dict[str, Any] = rpc_wire.lifetime_headers(timeout_s)
        headers[correlation.HEADER] = correlation.current_or_new()
        return self._link.send(
            rpc_wire.encode_request(command),
            routing_key=rpc_wire.routing_key_of(command),
            headers=headers,
            expiration_ms=max(1, int(timeout_s * 1000)),
            confirmed=_changes_something(command),
            give_up_at=give_up_at,
            on_outcome=on_outcome,
        )


class _Replies:
    """The outcomes of several requests, and a latch that opens with the last of them."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self._expected = len(names)
        self._latch = threading.Lock()
        self._latch.acquire()
        if not names:
            self._latch.release()

    def taker(self, name: str) -> Any:
        return lambda outcome: self.put(name, outcome)

    def put(self, name: str, outcome: Outcome) -> None:
        self.outcomes[name] = outcome
        if len(self.outcomes) == self._expected:
            # Reader and caller may both see the last one arrive; opening it twice changes nothing.
            with contextlib.suppress(RuntimeError):
                self._latch.release()

    def wait(self, give_up_at: float) -> bool:
        return self._latch.acquire(timeout=max(0.0, give_up_at - time.monotonic()))


def shared(broker_url: str) -> RpcClient:
    """Return the process's one client for this broker."""
    with _shared_lock:
        if broker_url not in _shared:
            _shared[broker_url] = RpcClient(broker_url)
        return _shared[broker_url]


def _changes_something(command: Command[Any]) -> bool:
    # Reads may go unconfirmed, since every call has a deadline; a command with a key is confirmed.
    return "key" in command.__struct_fields__ or bool(getattr(type(command), "confirmed", False))


def _read(command: Command[Any], outcome: Outcome | None) -> Any:
    if isinstance(outcome, bytes | str | memoryview):
        try:
            return rpc_wire.decode_reply(outcome, type(command))
        except Refused as refused:
            return refused
    target = rpc_wire.routing_key_of(command)
    if outcome is None:
        log.warning("no answer from %s in time", target)
        return Refused(codes.UNAVAILABLE, "The service did not answer in time.", service=command.service)
    if isinstance(outcome, Exception) and not isinstance(outcome, BrokerUnreachable | Unroutable):
        log.error("%s could not be asked", target, exc_info=outcome)
        return Refused(codes.INTERNAL, "The request could not be made.", service=command.service)
    log.warning("%s cannot be asked: %s", target, outcome)
    return Refused(codes.UNAVAILABLE, "The service cannot be reached.", service=command.service)
