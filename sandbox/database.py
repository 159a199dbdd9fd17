"""One SQLite connection, one writer at a time: a file that outlives a restart, or memory."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL UNIQUE, owner TEXT, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS documents_by_owner ON documents (kind, owner, seq);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, path TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
    request_id TEXT NOT NULL, body TEXT NOT NULL, created_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS answers_by_age ON answers (created_at);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, url TEXT NOT NULL, body TEXT NOT NULL,
    attempts_max INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at REAL NOT NULL, state TEXT NOT NULL,
    outcome TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS deliveries_by_state ON deliveries (state, due_at);
CREATE INDEX IF NOT EXISTS deliveries_by_subject ON deliveries (subject);
CREATE TABLE IF NOT EXISTS emails (
    seq INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, raw BLOB NOT NULL, received_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS email_recipients (
    address TEXT NOT NULL, email_seq INTEGER NOT NULL REFERENCES emails (seq),
    PRIMARY KEY (address, email_seq)) WITHOUT ROWID;
"""


class Database:
    """The sandbox's storage. Under one lock, since SQLite has one writer and no transaction here waits for anything.

    Writes are durable against the end of the process, not against the end of the machine (synchronous=NORMAL).
    """

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        path = ":memory:" if folder is None else str(folder / "sandbox.sqlite3")
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block's writes or none. The block must not wait for anything outside the database."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Ends the connection; nothing may use the database afterwards."""
        with self._lock:
            self._connection.close()
