"""One connection to the broker over which requests leave and replies come back, matched by correlation id.

One thread (or greenlet, where threads are green) reads; any number of others write. When the connection is
lost every waiting request fails at once, and the reader connects again.
"""

import itertools
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from kombu.utils.url import maybe_sanitize_url

from chassis.rpc_connection import WRITE_STALL_S, BrokerUnreachable, OpenConnection, Outcome

log = logging.getLogger(__name__)

SHORTEST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0

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
        self._open: OpenConnection | None = None
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

    def _await_open(self, give_up_at: float) -> "OpenConnection":
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
                link = OpenConnection(self._url, self.settle)
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

    def _lose(self, link: "OpenConnection") -> None:
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
