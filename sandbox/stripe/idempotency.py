"""Idempotency keys: the first answer again for the same request, a refusal for another.

Source: Stripe's API reference, "Idempotent requests": the first status and body are kept for 24 hours, errors too, once
the work has begun; a request that was refused before that may be sent again with the same key.
"""

import hashlib
import json
import sqlite3
import threading
from dataclasses import dataclass
from typing import Any

from sandbox.stripe.errors import StripeError

KEPT_S = 24 * 3600
KEY_LENGTH_MAX = 255


@dataclass(frozen=True)
class Answer:
    """What was answered: status, JSON body and the id of the request that got it first."""

    status: int
    body: str
    request_id: str


@dataclass(frozen=True)
class Request:
    """What makes two requests the same: the key, the path and the parameters."""

    key: str
    path: str
    fingerprint: str


class Keys:
    """The keys under way in this process; the answers given are in the database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: set[str] = set()

    def begin(self, key: str) -> None:
        """Takes the key for one request. Raises Stripe's 409 while another has it."""
        if len(key) > KEY_LENGTH_MAX:
            raise StripeError(f"Idempotency keys can be up to {KEY_LENGTH_MAX} characters.")
        with self._lock:
            if key in self._under_way:
                raise StripeError(
                    "There is currently another in-progress request using this Idempotent Key (that probably means you "
                    f"submitted twice, and the other request is still going through): {key}. Please try again later.",
                    status=409,
                    code="idempotency_key_in_use",
                )
            self._under_way.add(key)

    def end(self, key: str) -> None:
        """Gives the key back."""
        with self._lock:
            self._under_way.discard(key)


def fingerprint(params: dict[str, Any]) -> str:
    """The same for the same parameters, in whatever order and encoding they came."""
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


def earlier_answer(connection: sqlite3.Connection, request: Request, now: float) -> Answer | None:
    """The answer kept for the key. Raises idempotency_error where it was given to another request."""
    connection.execute("DELETE FROM answers WHERE created_at < ?", (now - KEPT_S,))
    row = connection.execute(
        "SELECT path, fingerprint, status, body, request_id FROM answers WHERE key = ?", (request.key,)
    ).fetchone()
    if row is None:
        return None
    path, fingerprint_, status, body, request_id = row
    if path != request.path:
        raise StripeError(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{request.path}' vs '{path}'). Try using a key other than '{request.key}' if you meant to execute a "
            "different request.",
            kind="idempotency_error",
        )
    if fingerprint_ != request.fingerprint:
        raise StripeError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
            f"using a key other than '{request.key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return Answer(status, body, request_id)


def keep(connection: sqlite3.Connection, request: Request, answer: Answer, now: float) -> None:
    """Keeps the answer for the key, replacing an earlier one."""
    connection.execute(
        "INSERT OR REPLACE INTO answers (key, path, fingerprint, status, request_id, body, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (request.key, request.path, request.fingerprint, answer.status, answer.request_id, answer.body, now),
    )
