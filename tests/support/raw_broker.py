"""Talking to the broker as a program would that knows nothing of the chassis."""

import json
import uuid
from contextlib import contextmanager
from typing import Any

from kombu import Connection


class RawBroker:
    """One py-amqp channel, and a reply queue of its own bound as nameko's clients bind theirs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.channel = connection.channel()
        self.reply_to = f"raw-{uuid.uuid4().hex}"
        self.channel.queue_declare(self.reply_to, exclusive=True, durable=False, auto_delete=True)
        self.channel.queue_bind(self.reply_to, "nameko-rpc", self.reply_to)
        self._replies: list[dict[str, Any]] = []
        self.channel.basic_consume(
            self.reply_to, no_ack=True, callback=lambda message: self._replies.append(json.loads(message.body))
        )

    def request(self, body: bytes, *, routing_key: str, content_type: str = "application/json", **more: Any) -> None:
        """Publish a request; `reply_to` may be overridden, with None for no reply."""
        headers = more.pop("headers", {})
        properties = {"reply_to": self.reply_to, "correlation_id": "raw", **more}
        properties = {name: value for name, value in properties.items() if value is not None}
        message = self.channel.prepare_message(body, 0, content_type, "utf-8", headers, properties)
        self.channel.basic_publish(message, exchange="nameko-rpc", routing_key=routing_key)

    def reply(self, timeout_s: float = 5.0) -> dict[str, Any]:
        """Return the next reply's body."""
        while not self._replies:
            self._connection.drain_events(timeout=timeout_s)
        return self._replies.pop(0)

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue (those delivered and not acknowledged are not among them)."""
        return int(self.channel.queue_declare(queue, passive=True).message_count)


@contextmanager
def raw_broker(url: str):
    """A RawBroker for the length of the block."""
    with Connection(url) as connection:
        yield RawBroker(connection)
