"""The queue from which a service takes its requests, and the channel on which it replies.

Built on nameko's consumers; what is ours: bodies reach the entrypoint unread, replies leave unconfirmed and
transient on a channel that stays open (stock nameko builds a connection object and waits for a confirm each
time), and nothing that a message holds, or lacks, can end the process.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from amqp.exceptions import AMQPError
from kombu import Connection
from kombu.utils.url import maybe_sanitize_url
from nameko.constants import AMQP_URI_CONFIG_KEY
from nameko.messaging import QueueConsumer
from nameko.rpc import RpcConsumer

from chassis import amqp_channel, rpc_wire

log = logging.getLogger(__name__)

HEARTBEAT_S = 20
CONNECT_TIMEOUT_S = 5.0
LOOK_EVERY_S = 0.25
RETRY_AFTER_S = {"interval_start": 0.1, "interval_step": 0.3, "interval_max": 2.0}

CONNECTION_LOST = (AMQPError, OSError)
"""What a write raises when the connection is gone: the broker then gives the request to somebody else."""


class RequestConsumer(QueueConsumer):
    """nameko's consumer with a connection of its own, that hands on messages as they came."""

    def __init__(self) -> None:
        super().__init__()
        self.replies: Any = None
        self.in_hand = 0

    @property
    def connection(self) -> Connection:
        """The parameters of the connection (kombu's ConsumerMixin opens it)."""
        return Connection(
            self.container.config[AMQP_URI_CONFIG_KEY],
            heartbeat=HEARTBEAT_S,
            connect_timeout=CONNECT_TIMEOUT_S,
            transport_options={},
        )

    def run(self, _tokens: int = 1, **options: Any) -> None:
        """Consume until stopped, looking often enough at whether that was asked for."""
        super().run(_tokens, safety_interval=LOOK_EVERY_S, **options)

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        """Connect, again and again, each time saying why it failed."""
        with self.create_connection() as connection:
            connection.ensure_connection(self.on_connection_error, self.connect_max_retries, **RETRY_AFTER_S)
            yield connection

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        """Make the consumers, on a new connection; before them the channel on which replies leave."""
        amqp_channel.read_ahead(channel.connection)
        self.replies = channel.connection.client.channel()
        for provider in self._providers:
            consumer = consumer_cls(queues=[provider.queue], on_message=partial(self._received, provider))
            consumer.qos(prefetch_count=self.prefetch_count)
            self._consumers[provider] = consumer
        return self._consumers.values()

    def problems(self) -> list[str]:
        """Say so while requests cannot be taken for want of a broker."""
        channel = self.replies
        # py-amqp forgets the connection of a channel that is gone; the in-process transport marks it closed.
        if channel is None or channel.connection is None or getattr(channel, "closed", False):
            return [f"not connected to the broker {maybe_sanitize_url(self.container.config[AMQP_URI_CONFIG_KEY])}"]
        return []

    def on_iteration(self) -> None:
        """Leave only when asked to and nothing is in hand: a request whose connection goes is delivered again."""
        self._cancel_consumers_if_requested()
        if not self._consumers and not self.in_hand:
            self.should_stop = True
            # kombu looks for messages once more.
            amqp_channel.wake(self.replies.connection)

    def unregister_provider(self, provider: Any) -> None:
        """Cancel a consumer, and return when that is done."""
        if self.replies is not None:
            # Only who waits for messages can cancel.
            amqp_channel.wake(self.replies.connection)
        super().unregister_provider(provider)

    def _received(self, provider: Any, message: Any) -> None:
        self.in_hand += 1
        handle = partial(provider.handle_message, message, time.monotonic())
        if self.container._worker_pool.free() > 0:
            handle()
        else:
            # Every worker is busy. Waiting here would keep the connection's heartbeat waiting too.
            self.container.spawn_managed_thread(handle, identifier="request")

    def send(self, body: bytes, *, reply_to: str, correlation_id: str | None) -> None:
        """Send a reply. A connection that goes while this is written is cut, so that it is made anew."""
        channel = self.replies
        message = amqp_channel.prepare(channel, body, correlation_id=correlation_id)
        try:
            amqp_channel.publish(channel, message, exchange=rpc_wire.EXCHANGE, routing_key=reply_to)
        except CONNECTION_LOST:
            amqp_channel.break_off(channel.connection)
            raise


class RequestQueue(RpcConsumer):
    """`rpc-<service>`: gives each request to the entrypoint of its method and sends what comes of it."""

    queue_consumer = RequestConsumer()

    def handle_message(self, message: Any, arrived_at: float) -> None:
        """Take one request as it came, at `arrived_at` on the monotonic clock. Never raises."""
        routing_key = message.delivery_info["routing_key"]
        try:
            for provider in self._providers:
                if provider.routing_key == routing_key:
                    provider.handle_message(message, arrived_at)
                    return
            log.warning("nobody answers %s", routing_key)
            self.answer(message, rpc_wire.encode_error("MethodNotFound", routing_key.rpartition(".")[2]))
        except Exception:
            log.exception("a request of %s could not be taken", routing_key)
            self.answer(message, rpc_wire.encode_error("MalformedRequest", "the request could not be taken"))

    def answer(self, message: Any, body: bytes) -> None:
        """Reply to a request and let go of it. Where nobody waits for a reply, or can get it, only the latter."""
        self.queue_consumer.in_hand -= 1
        reply_to = message.properties.get("reply_to")
        correlation_id = message.properties.get("correlation_id")
        try:
            if reply_to:
                self.queue_consumer.send(body, reply_to=reply_to, correlation_id=correlation_id)
            else:
                log.warning("a request of %s names nobody to reply to", message.delivery_info["routing_key"])
            self.queue_consumer.ack_message(message)
        except CONNECTION_LOST as error:
            # Not acknowledged: the broker delivers it again, to us or to another copy.
            log.warning("lost the broker before a reply had left: %s", error or type(error).__name__)

    def requeue_message(self, message: Any) -> None:
        """Let another copy have a request that has not been started."""
        self.queue_consumer.in_hand -= 1
        super().requeue_message(message)
