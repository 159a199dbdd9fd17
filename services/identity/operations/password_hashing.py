"""Argon2id off the hub: the processor's work runs in threads, so that other requests go on meanwhile."""

import ctypes
import os
import secrets
import threading
from collections.abc import Callable
from typing import Any

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from eventlet import tpool

from services.identity.domain import passwords

MEMORY_KIB = 19_456
TIME_COST = 2
PARALLELISM = 1
"""The OWASP Password Storage Cheat Sheet's first choice for Argon2id: 19 MiB, two passes, one lane."""


_M_MMAP_THRESHOLD = -3
_LARGE_BYTES = 1024 * 1024


def give_back_large_memory() -> None:
    """Have the C library return each hash's 19 MiB to the system at once, where it is glibc.

    By itself glibc takes a freed large block as a sign to keep such blocks, one for every thread that ever hashed:
    a few hundred megabytes after the first busy minute (mallopt(3), M_MMAP_THRESHOLD).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def argon2id() -> PasswordHasher:
    """Argon2id with the parameters above."""
    return PasswordHasher(
        time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=PARALLELISM, hash_len=32, salt_len=16, type=Type.ID
    )


class PasswordVault:
    """Hashes and verifies passwords, as many at a time as there are processors: each takes 19 MiB while it works.

    `run` carries out a function elsewhere and waits for it.
    """

    def __init__(
        self,
        hasher: PasswordHasher | None = None,
        run: Callable[..., Any] = tpool.execute,
        at_once: int = os.cpu_count() or 1,
    ) -> None:
        give_back_large_memory()
        self._hasher = hasher or argon2id()
        self._run = run
        self._places = threading.Semaphore(at_once)
        self._nobodys_hash: str | None = None

    def hash(self, password: str) -> str:
        """Return the hash to keep, parameters and salt in it."""
        with self._places:
            return str(self._run(self._hasher.hash, passwords.normalized(password)))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password belongs to the hash. Without a hash: False, after the same work."""
        expected = password_hash or self._dummy_hash()
        with self._places:
            matches = bool(self._run(self._matches, expected, passwords.normalized(password)))
        return matches and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's and should be made again."""
        return self._hasher.check_needs_rehash(password_hash)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def _dummy_hash(self) -> str:
        if self._nobodys_hash is None:
            self._nobodys_hash = self.hash(secrets.token_urlsafe())
        return self._nobodys_hash
