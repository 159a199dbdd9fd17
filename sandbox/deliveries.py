"""Webhooks on their way: kept with the change that caused them, sent by a few workers, tried again until taken."""

import heapq
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from sandbox.database import Database

RETRY_S_MAX = 3600.0
REORDER_S = 0.3
IDLE_WAIT_S = 60.0
LISTED_MAX = 500

Signer = Callable[[str, str], Mapping[str, str]]
"""(url, body) → headers, made at each attempt since a signature may hold the time."""
AnswerReader = Callable[[str, bytes], None]
"""(subject, body of the 2xx answer)."""


@dataclass(frozen=True)
class Channel:
    """How one company's webhooks are signed, and what is done with the answer."""

    sign: Signer
    read_answer: AnswerReader | None = None


@dataclass(frozen=True)
class Delivery:
    """One webhook to one address."""

    id: int
    kind: str
    subject: str
    url: str
    body: str
    attempts_max: int
    attempts: int


class Deliveries:
    """The webhooks to send. `add` inside the transaction of the cause, `wake` once it is committed."""

    def __init__(
        self,
        database: Database,
        *,
        workers: int,
        timeout_s: float,
        retry_s: float,
        channels: Mapping[str, Channel],
        detour: tuple[str, str] = ("", ""),
    ) -> None:
        """`detour`: what begins with the first address is sent to the second, signed for the first."""
        self._database = database
        self._workers = workers
        self._retry_s = retry_s
        self._channels = channels
        self._detour = detour
        self._condition = threading.Condition()
        self._due: list[tuple[float, int]] = []
        self._held = False
        self._stopped = False
        self._threads: list[threading.Thread] = []
        self._http = urllib3.PoolManager(
            maxsize=workers, block=True, timeout=urllib3.Timeout(total=timeout_s), retries=False
        )

    def resume(self) -> None:
        """Takes up what an earlier process left unsent."""
        with self._database.transaction() as connection:
            pending = connection.execute("SELECT due_at, id FROM deliveries WHERE state = 'pending'").fetchall()
        self.wake(pending)

    def add(
        self,
        connection: sqlite3.Connection,
        *,
        kind: str,
        subject: str,
        url: str,
        body: str,
        attempts_max: int,
        delay_s: float = 0.0,
    ) -> tuple[float, int]:
        """Keeps a webhook to be sent; give what it returns to `wake` after the commit."""
        due_at = time.time() + delay_s
        row = connection.execute(
            "INSERT INTO deliveries (kind, subject, url, body, attempts_max, attempts, due_at, state, outcome)"
            " VALUES (?, ?, ?, ?, ?, 0, ?, 'pending', '')",
            (kind, subject, url, body, attempts_max, due_at),
        )
        return due_at, int(row.lastrowid or 0)

    def wake(self, added: list[tuple[float, int]]) -> None:
        """Lets the workers know of committed webhooks, starting them at the first."""
        if not added:
            return
        with self._condition:
            for item in added:
                heapq.heappush(self._due, item)
            if not self._threads and not self._stopped:
                self._threads = [
                    threading.Thread(target=self._work, name=f"webhooks-{number}", daemon=True)
                    for number in range(self._workers)
                ]
                for thread in self._threads:
                    thread.start()
            self._condition.notify(len(added))

    def hold(self) -> None:
        """Sends nothing more until `release`; what is on its way arrives."""
        with self._condition:
            self._held = True

    def release(self) -> None:
        """Sends what was held, and goes on."""
        with self._condition:
            self._held = False
            self._condition.notify_all()

    @property
    def held(self) -> bool:
        """Whether webhooks are held back."""
        return self._held

    def repeat(self, subject: str) -> int:
        """Sends again the webhooks of an event or a message; returns how many there are."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT kind, url, body, attempts_max FROM deliveries WHERE subject = ? GROUP BY url",
                (subject,),
            ).fetchall()
            added = [
                self.add(connection, kind=kind, subject=subject, url=url, body=body, attempts_max=attempts_max)
                for kind, url, body, attempts_max in rows
            ]
        self.wake(added)
        return len(added)

    def listed(self, *, state: str = "") -> list[dict[str, Any]]:
        """The latest webhooks, newest first, with their state: pending, delivered or failed."""
        names = ("id", "kind", "subject", "url", "attempts", "due_at", "state", "outcome")
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT id, kind, subject, url, attempts, due_at, state, outcome FROM deliveries"
                " WHERE ? IN ('', state) ORDER BY id DESC LIMIT ?",
                (state, LISTED_MAX),
            ).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def count(self) -> dict[str, int]:
        """How many webhooks are in each state."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall()
        return {"pending": 0, "delivered": 0, "failed": 0} | dict(rows)

    def stop(self, *, timeout_s: float = 5.0) -> None:
        """Ends the workers; what was not sent stays for the next start."""
        with self._condition:
            self._stopped = True
            self._condition.notify_all()
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._http.clear()

    def _work(self) -> None:
        while (delivery_id := self._next()) is not None:
            self._attempt(delivery_id)

    def _next(self) -> int | None:
        """Waits for the next webhook that is due; None when stopped."""
        with self._condition:
            while not self._stopped:
                wait_s = IDLE_WAIT_S
                if self._due and not self._held:
                    wait_s = self._due[0][0] - time.time()
                    if wait_s <= 0:
                        return heapq.heappop(self._due)[1]
                self._condition.wait(min(wait_s, IDLE_WAIT_S))
        return None

    def _attempt(self, delivery_id: int) -> None:
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT id, kind, subject, url, body, attempts_max, attempts FROM deliveries WHERE id = ?",
                (delivery_id,),
            ).fetchone()
        delivery = Delivery(*row)
        channel = self._channels[delivery.kind]
        # Sent outside any transaction: the listener may take seconds, and may call the sandbox before it answers.
        taken, outcome, answer = self._send(delivery, channel)
        attempts = delivery.attempts + 1
        again = not taken and attempts < delivery.attempts_max
        due_at = time.time() + min(self._retry_s * 2 ** (attempts - 1), RETRY_S_MAX)
        state = "delivered" if taken else "pending" if again else "failed"
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET attempts = ?, due_at = ?, state = ?, outcome = ? WHERE id = ?",
                (attempts, due_at, state, outcome, delivery.id),
            )
        if again:
            self.wake([(due_at, delivery.id)])
        if taken and channel.read_answer is not None:
            channel.read_answer(delivery.subject, answer)

    def _reached_at(self, url: str) -> str:
        known_as, reached_at = self._detour
        return reached_at + url.removeprefix(known_as) if reached_at and url.startswith(known_as) else url

    def _send(self, delivery: Delivery, channel: Channel) -> tuple[bool, str, bytes]:
        try:
            response = self._http.request(
                "POST",
                self._reached_at(delivery.url),
                body=delivery.body.encode(),
                headers=dict(channel.sign(delivery.url, delivery.body)),
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            return False, type(error).__name__, b""
        return 200 <= response.status < 300, str(response.status), response.data
