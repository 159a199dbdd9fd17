"""One connection to the broker over which requests leave and replies come back, matched by correlation id.

One thread (or greenlet, where threads are green) reads; any number of others write. When the connection is
lost every waiting request fails at once, and the reader connects again.
"""

import contextlib
import itertools
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from kombu import Connection, Exchange, Queue
from kombu.utils.url import maybe_sanitize_url

from chassis import amqp_channel, inprocess
from chassis.rpc_wire import EXCHANGE

log = logging.getLogger(__name__)

WRITE_STALL_S = 2.0
"""A broker that takes no bytes for this long is given up; also how often an idle connection is looked after."""
HEARTBEAT_S = 10
CONNECT_TIMEOUT_S = 5.0
SHORTEST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


class BrokerUnreachable(Exception):
    """There is no connection to the broker. The message names it, with the password masked."""


class Unroutable(Exception):
    """No queue takes such requests: no such service has ever started here."""


Outcome = bytes | Exception
OnOutcome = Callable[[Outcome], None]


class RpcLink:
    """Sends requests and hands each one's reply, or why there is none, to its `on_outcome`, exactly once."""

    def __init__(self, broker_url: str) -> None:
        self._url = broker_url
        self.address = maybe_sanitize_url(broker_url)
        self._forget_everything()

    def _forget_everything(self) -> None:
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._wanted = threading.Event()
        self._open: _Open | None = None
        self._reader: threading.Thread | None = None
        self._closing = False
        self._failed_attempts = 0
        self._last_failure: tuple[float, str] = (float("-inf"), "")
        self._waiting: dict[str, OnOutcome] = {}
        # Only this process's own reply queues carry them. Never used again, lest a late reply find another request.
        self._request_ids = itertools.count(time.time_ns())

    @property
    def connected(self) -> bool:
        """Whether requests can leave now."""
        return self._open is not None and self._pid == os.getpid()

    @property
    def waiting(self) -> int:
        """How many requests have neither been answered nor given up."""
        return len(self._waiting)

    def connect(self, timeout_s: float) -> None:
        """Return once connected; raise BrokerUnreachable when an attempt failed or took longer."""
        self._await_open(time.monotonic() + timeout_s)

    def send(
        self,
        body: bytes,
        *,
        routing_key: str,
        headers: dict[str, Any],
        expiration_ms: int,
        confirmed: bool,
        give_up_at: float,
        on_outcome: OnOutcome,
    ) -> str:
        """Send one request and return its id, with which it can be given up.

        `confirmed`: the broker says whether it has taken the request, and a no fails it at once. `give_up_at`
        is on the monotonic clock. Raises BrokerUnreachable.
        """
        link = self._await_open(give_up_at)
        request_id = str(next(self._request_ids))
        self._waiting[request_id] = on_outcome
        try:
            link.publish(
                body,
                request_id=request_id,
                routing_key=routing_key,
                headers=headers,
                expiration_ms=expiration_ms,
                confirmed=confirmed,
            )
        except Exception as error:
            self._waiting.pop(request_id, None)
            link.break_off()
            raise BrokerUnreachable(f"lost the broker {self.address}: {error or type(error).__name__}") from error
        if self._open is not link:
            # The connection went while this was written; whoever failed the waiting ones may have come before.
            self.settle(request_id, BrokerUnreachable(f"lost the broker {self.address}"))
        return request_id

    def give_up(self, request_id: str) -> None:
        """Forget a request. A reply that still comes is dropped."""
        self._waiting.pop(request_id, None)

    def settle(self, request_id: str, outcome: Outcome) -> None:
        """Hand over the outcome of a request, unless it was settled or given up before."""
        on_outcome = self._waiting.pop(request_id, None)
        if on_outcome is None:
            log.debug("dropped a late reply to request %s", request_id)
        else:
            on_outcome(outcome)

    def close(self) -> None:
        """Disconnect; what still waits fails."""
        with self._changed:
            self._closing = True
            link, reader = self._open, self._reader
            self._wanted.set()
        if link is not None:
            link.break_off()
        if reader is not None and reader is not threading.current_thread():
            reader.join(WRITE_STALL_S + 1.0)

    def _await_open(self, give_up_at: float) -> "_Open":
        link = self._open
        if link is not None and self._pid == os.getpid():
            return link
        if self._pid != os.getpid():
            # A forked child has neither the parent's thread nor the right to its connection.
            self._forget_everything()
        with self._changed:
            if self._reader is None or not self._reader.is_alive():
                self._closing = False
                self._reader = threading.Thread(target=self._run, name="rpc-replies", daemon=True)
                self._reader.start()
            failed_at, reason = self._last_failure
            if self._open is None and time.monotonic() - failed_at < SHORTEST_PAUSE_S:
                raise BrokerUnreachable(reason)
            attempts = self._failed_attempts
            self._wanted.set()
            while self._open is None:
                if self._failed_attempts > attempts or self._closing:
                    raise BrokerUnreachable(self._last_failure[1])
                if not self._changed.wait(max(0.0, give_up_at - time.monotonic())):
                    raise BrokerUnreachable(f"no connection to the broker {self.address} in time")
            return self._open

    def _run(self) -> None:
        pause_s = SHORTEST_PAUSE_S
        while not self._closing:
            self._wanted.clear()
            try:
                link = _Open(self._url, self.settle)
            except Exception as error:
                self._note_failure(f"cannot reach the broker {self.address}: {error or type(error).__name__}")
                self._wanted.wait(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                continue
            pause_s = SHORTEST_PAUSE_S
            with self._changed:
                self._open = link
                self._changed.notify_all()
            try:
                while not self._closing:
                    link.read()
            except Exception as error:
                if not self._closing:
                    log.warning("lost the broker %s: %s", self.address, error or type(error).__name__)
            finally:
                self._lose(link)

    def _lose(self, link: "_Open") -> None:
        with self._changed:
            self._open = None
        link.discard()
        for request_id in list(self._waiting):
            self.settle(request_id, BrokerUnreachable(f"lost the broker {self.address}"))

    def _note_failure(self, reason: str) -> None:
        with self._changed:
            if self._failed_attempts == 0 or self._last_failure[1] != reason:
                log.warning(reason)
            self._failed_attempts += 1
            self._last_failure = (time.monotonic(), reason)
            self._changed.notify_all()


class _Open:
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
