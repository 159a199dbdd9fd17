"""One open connection for requests and their replies; `chassis.rpc_link` makes it anew when it is lost."""

import contextlib
import socket
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from kombu import Connection, Exchange, Queue

from chassis import amqp_channel, inprocess
from chassis.rpc_wire import EXCHANGE

WRITE_STALL_S = 2.0
"""A broker that takes no bytes for this long is given up; also how often an idle connection is looked after."""
HEARTBEAT_S = 10
CONNECT_TIMEOUT_S = 5.0


class BrokerUnreachable(Exception):
    """There is no connection to the broker. The message names it, with the password masked."""


class Unroutable(Exception):
    """No queue takes such requests: no such service has ever started here."""


Outcome = bytes | Exception


class OpenConnection:
    """A connection that stands, with a channel for reads, one with confirms for commands, and a reply queue."""

    def __init__(self, broker_url: str, settle: Callable[[str, Outcome], None]) -> None:
        self._settle = settle
        self._raw: Any = None
        self._connection = Connection(
            broker_url, connect_timeout=CONNECT_TIMEOUT_S, heartbeat=HEARTBEAT_S, transport_options={}
        )
        try:
            self._set_up()
        except BaseException:
            self.discard()
            raise

    def _set_up(self) -> None:
        connection = self._connection
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
        # Kept at hand: kombu's own attribute would connect again, unasked, once this one is gone.
        self._raw = connection.connection
        amqp_channel.read_ahead(self._raw)
        self._channel = connection.channel()
        self._confirming = connection.channel()
        self._confirm_lock = threading.Lock()
        self._unconfirmed: dict[int, str] = {}
        self._tag = 0
        self._watch_returns()
        self.reply_to = f"rpc.reply-{uuid.uuid4().hex}"
        exchange = Exchange(EXCHANGE, type="topic", durable=True)
        self._queue = Queue(
            self.reply_to, exchange, routing_key=self.reply_to, durable=False, exclusive=True, auto_delete=True
        )
        bound = self._queue(self._channel)
        bound.declare()
        self._channel.basic_consume(self.reply_to, no_ack=True, callback=self._replied, consumer_tag=self.reply_to)
        sock = getattr(getattr(self._raw, "transport", None), "sock", None)
        if sock is not None:
            # The same time-out that `read` uses, so that no write can ever hang longer.
            sock.settimeout(WRITE_STALL_S)
        self._look_after_at = time.monotonic() + WRITE_STALL_S

    def publish(
        self,
        body: bytes,
        *,
        request_id: str,
        routing_key: str,
        headers: dict[str, Any],
        expiration_ms: int,
        confirmed: bool,
    ) -> None:
        channel = self._confirming if confirmed else self._channel
        message = amqp_channel.prepare(
            channel,
            body,
            headers=headers,
            correlation_id=request_id,
            reply_to=self.reply_to,
            expiration=str(expiration_ms),
        )
        if not confirmed:
            amqp_channel.publish(channel, message, exchange=EXCHANGE, routing_key=routing_key, mandatory=True)
            return
        with self._confirm_lock:
            # Tags count publishes on the channel: the order of counting must be the order of writing.
            self._tag += 1
            self._unconfirmed[self._tag] = request_id
            amqp_channel.publish(channel, message, exchange=EXCHANGE, routing_key=routing_key, mandatory=True)

    def read(self) -> None:
        """Take in what arrives, for at most WRITE_STALL_S; raises when the connection is lost."""
        # A green socket has a time-out error of its own.
        with contextlib.suppress(TimeoutError, socket.timeout):
            self._connection.transport.drain_events(self._raw, timeout=WRITE_STALL_S)
        if time.monotonic() >= self._look_after_at:
            if self._connection.supports_heartbeats:
                self._connection.transport.heartbeat_check(self._raw, rate=2)
            self._look_after_at = time.monotonic() + WRITE_STALL_S

    def break_off(self) -> None:
        """Cut the connection, from any thread; the reader notices."""
        amqp_channel.break_off(self._raw)

    def discard(self) -> None:
        """Free what the connection holds, as its reader, without a word to the broker if that is gone."""
        with contextlib.suppress(Exception):
            if self._connection.transport_cls == inprocess.SCHEME:
                # Transports within the process know no exclusive queues.
                self._channel.queue_delete(self.reply_to)
        with contextlib.suppress(Exception):
            self._connection.collect()

    def _watch_returns(self) -> None:
        for channel in (self._channel, self._confirming):
            events = getattr(channel, "events", None)
            if events is not None:
                events["basic_return"].add(self._returned)
        if hasattr(self._confirming, "confirm_select"):
            self._confirming.confirm_select()
            self._confirming.events["basic_ack"].add(self._acked)
            self._confirming.events["basic_nack"].add(self._nacked)

    def _replied(self, message: Any) -> None:
        self._settle(message.properties.get("correlation_id", ""), message.body)

    def _returned(self, _error: Exception, _exchange: str, routing_key: str, message: Any) -> None:
        service = routing_key.partition(".")[0]
        self._settle(message.properties.get("correlation_id", ""), Unroutable(f"no service {service} takes requests"))

    def _acked(self, tag: int, multiple: bool) -> None:
        self._take_confirmed(tag, multiple)

    def _nacked(self, tag: int, multiple: bool) -> None:
        for request_id in self._take_confirmed(tag, multiple):
            self._settle(request_id, BrokerUnreachable("the broker did not take the request"))

    def _take_confirmed(self, tag: int, multiple: bool) -> list[str]:
        with self._confirm_lock:
            tags = [known for known in self._unconfirmed if known <= tag] if multiple else [tag]
            taken = [self._unconfirmed.pop(known, None) for known in tags]
        return [request_id for request_id in taken if request_id is not None]
