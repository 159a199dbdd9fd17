"""What kombu's channels lack for many users of one connection: a publish that only writes, a read that reads ahead.

Works on py-amqp's channels and on those of the in-process transport alike.
"""

import contextlib
import socket
from typing import Any

import amqp
from amqp import spec
from amqp.transport import TCPTransport

from chassis import inprocess
from chassis.monkey import deadline

READ_AHEAD_BYTES = 16_384
JSON_TYPE = "application/json"
TRANSIENT = 1


def publish(channel: Any, message: Any, *, exchange: str, routing_key: str, mandatory: bool = False) -> None:
    """Write one message prepared by `channel.prepare_message` and return; whether it arrived shows later, if asked.

    py-amqp's own `basic_publish` first reads from the connection, which is wrong while another thread or
    greenlet does just that, and costs two system calls. Safe from several threads: py-amqp locks each write.
    """
    if isinstance(channel, amqp.Channel):
        if channel.connection is None:
            raise amqp.RecoverableConnectionError("the connection is closed")
        arguments = (0, exchange, routing_key, mandatory, False)
        channel.send_method(spec.Basic.Publish, "Bssbb", arguments, message)
    else:
        channel.basic_publish(message, exchange=exchange, routing_key=routing_key, mandatory=mandatory)


def prepare(channel: Any, body: bytes, *, headers: dict[str, Any] | None = None, **properties: Any) -> Any:
    """Make a transient JSON message for `publish`; `properties` are AMQP's (reply_to, expiration, …)."""
    return channel.prepare_message(
        body,
        0,
        JSON_TYPE,
        "utf-8",
        headers or {},
        {"delivery_mode": TRANSIENT, **properties},
    )


def read_ahead(connection: Any) -> None:
    """Let a py-amqp connection read what has arrived at once instead of nine small reads a message."""
    transport = getattr(connection, "transport", None)
    if isinstance(transport, TCPTransport):
        receive = transport.sock.recv
        # The transport keeps what it got beyond the bytes it asked for.
        transport._quick_recv = lambda _wanted: receive(READ_AHEAD_BYTES)


def wake(connection: Any) -> None:
    """Have who waits for a message on an in-process connection look up at once, as if none had come in time.

    Does nothing to a connection to RabbitMQ, whose reader waits for the socket: it looks up at its own intervals.
    """
    if isinstance(connection, inprocess.Transport):
        connection.wake()


def break_off(connection: Any) -> None:
    """Make a connection unusable for every thread on it, as it is after a write that was cut short.

    Its reader wakes with an error; only the reader then closes the socket, whose number could otherwise
    already belong to another connection.
    """
    if isinstance(connection, inprocess.Transport):
        connection.cut()
        return
    sock = getattr(getattr(connection, "transport", None), "sock", None)
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def discard(connection: Any) -> None:
    """Cut and close a py-amqp connection that nobody else reads, without a word to a broker that may have stalled."""
    transport = getattr(connection, "transport", None) if getattr(connection, "connected", False) else None
    if transport is not None:
        transport.close()


def say_goodbye(connection: Any, timeout_s: float = 2.0) -> None:
    """Close a kombu connection as the protocol has it, or discard it if the broker does not answer in time."""
    try:
        with deadline(timeout_s):
            connection.release()
    except (amqp.AMQPError, OSError):
        discard(connection._connection)
