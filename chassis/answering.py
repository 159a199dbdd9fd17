"""Answering commands: the entrypoint `answers`."""

import logging
import time
from functools import partial
from typing import Any

from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from chassis import correlation, inprocess, rpc_wire
from chassis.database_errors import is_worth_retrying
from chassis.rpc_server import RequestQueue
from contracts import codes
from contracts.wire import Command, Refused

log = logging.getLogger(__name__)


class Answers(Entrypoint):
    """Gives a method the commands of one type, decoded, and sends back what it returns or refuses.

    Fields that do not fit are Refused `invalid`, a command whose sender has stopped waiting is refused
    `expired`. A Refused crosses the wire as it is. Anything else that the method raises is logged in full and
    crosses as `internal`, or as `unavailable` when the database could not be used; like a call without an answer,
    that leaves open whether the command was carried out, and names the service in its details.
    """

    requests = RequestQueue()
    routing_key: str

    def __init__(self, command_type: type[Command[Any]]) -> None:
        super().__init__(expected_exceptions=(Refused,))
        self.command_type = command_type

    def setup(self) -> None:
        """Check that the method has the name under which its command travels."""
        if self.method_name != self.command_type.method:
            raise TypeError(f"{self.command_type.__name__} is answered by a method {self.command_type.method}()")
        self.routing_key = f"{self.container.service_name}.{self.method_name}"
        if not getattr(self.command_type, "of_every_service", False) and self.routing_key != (
            rpc_wire.routing_key_of(self.command_type)
        ):
            raise TypeError(f"{self.command_type.__name__} is not a command of {self.container.service_name}")
        self.requests.register_provider(self)

    def stop(self) -> None:
        """Take no more requests; returns when the broker knows."""
        self.requests.unregister_provider(self)

    def handle_message(self, message: Any, arrived_at: float) -> None:
        """Start a worker on a request, or refuse it."""
        headers = message.headers
        try:
            self._refuse_expired(headers, arrived_at)
            command = self._decode(message)
        except Refused as refused:
            log.info("refused %s: %s", self.routing_key, refused)
            self.requests.answer(message, rpc_wire.encode_refusal(refused))
            return
        except rpc_wire.Malformed as error:
            log.warning("a request of %s cannot be read: %s", self.routing_key, error)
            self.requests.answer(message, rpc_wire.encode_error("MalformedRequest", "not a request"))
            return
        try:
            self.container.spawn_worker(
                self,
                (command,),
                {},
                context_data={
                    correlation.HEADER: headers.get(correlation.HEADER),
                    "headers": headers,
                    "arrived_at": arrived_at,
                },
                handle_result=partial(self._answer, message),
            )
        except ContainerBeingKilled:
            self.requests.requeue_message(message)

    def before_work(self, worker_ctx: Any) -> None:
        """Look at the time again: the request may have waited for a free worker."""
        self._refuse_expired(worker_ctx.data["headers"], worker_ctx.data["arrived_at"])

    def _refuse_expired(self, headers: dict[str, Any], arrived_at: float) -> None:
        lifetime_ms = headers.get(rpc_wire.LIFETIME_HEADER)
        if not isinstance(lifetime_ms, int):
            return
        waited_ms = (time.monotonic() - arrived_at) * 1000
        one_machine = str(self.container.config["AMQP_URI"]).startswith(f"{inprocess.SCHEME}:")
        skew_ms = 0 if one_machine else rpc_wire.TOLERATED_SKEW_MS
        if waited_ms > lifetime_ms or rpc_wire.has_expired(headers, tolerated_skew_ms=skew_ms):
            raise Refused(codes.EXPIRED, "The request came too late and was not carried out.")

    def _decode(self, message: Any) -> Command[Any]:
        if message.content_type not in ("application/json", None):
            # Only JSON is read: unpickling what somebody sent would run it.
            raise rpc_wire.Malformed(f"its content type is {message.content_type}")
        return rpc_wire.decode_request(message.body, self.command_type)

    def _answer(self, message: Any, _worker: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        self.requests.answer(message, self._encode(result, exc_info))
        return result, exc_info

    def _encode(self, result: Any, exc_info: Any) -> bytes:
        if exc_info is None:
            try:
                return rpc_wire.encode_answer(result)
            except Exception:
                log.exception("the answer of %s is no plain data", self.routing_key)
                return rpc_wire.encode_refusal(_internal())
        error = exc_info[1]
        if isinstance(error, Refused):
            log.debug("refused %s: %s", self.routing_key, error)
            return _encode_safely(error)
        if is_worth_retrying(error):
            message = "The service cannot answer at the moment. Please try again."
            # Named like a service that does not answer: it may have lost its database half-way through the command.
            return rpc_wire.encode_refusal(Refused(codes.UNAVAILABLE, message, service=self.container.service_name))
        return rpc_wire.encode_refusal(_internal())


answers = Answers.decorator


def _internal() -> Refused:
    return Refused(codes.INTERNAL, "Something went wrong on our side.", correlation_id=correlation.current())


def _encode_safely(refused: Refused) -> bytes:
    try:
        return rpc_wire.encode_refusal(refused)
    except Exception:
        log.exception("the details of a refusal are no plain data")
        return rpc_wire.encode_refusal(Refused(refused.code, refused.message))
