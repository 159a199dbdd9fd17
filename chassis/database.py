"""A service's own database: transactions, reads, what happens at commit; the same on PostgreSQL and SQLite."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session

from chassis.database_errors import DatabaseBusy, UnreachableDatabase, is_unreachable

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5
WRITER_WAIT_S = 30.0
IDLE_BEFORE_PING_S = 10.0

_POSTGRES_OPTIONS = (
    "-c timezone=UTC -c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
)

_writers: dict[str, "_Writer"] = {}
_databases: dict[str, "Database"] = {}


class Database:
    """Opens sessions on one database. Cheap until used; safe to share between threads and greenlets."""

    def __init__(self, url: str, *, pool_size: int = 15, pool_overflow: int = 0) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg2")
        self.url = parsed.render_as_string(hide_password=False)
        self.address = parsed.render_as_string(hide_password=True)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database in (None, "", ":memory:"):
            raise ValueError("an in-memory SQLite database has no second connection; give a file")
        self._writer = _writers.setdefault(str(parsed.database), _Writer()) if self.is_sqlite else None
        pool = {"pool_size": pool_size, "max_overflow": pool_overflow, "pool_timeout": 10.0, "pool_recycle": 1800}
        if self.is_sqlite:
            self.engine = create_engine(parsed, connect_args={"timeout": 5.0}, **pool)
            self._read_engine = create_engine(parsed, connect_args={"timeout": 5.0}, **pool)
            _configure_sqlite(self.engine, begin="BEGIN IMMEDIATE", pragmas=())
            _configure_sqlite(self._read_engine, begin="BEGIN", pragmas=("query_only=ON",))
        else:
            self.engine = create_engine(parsed, connect_args=_postgres_arguments(""), **pool)
            # Reads run without BEGIN and ROLLBACK, which saves two round trips; a write in one is refused.
            self._read_engine = create_engine(
                parsed,
                connect_args=_postgres_arguments(" -c default_transaction_read_only=on"),
                isolation_level="AUTOCOMMIT",
                **pool,
            )
            for engine in (self.engine, self._read_engine):
                event.listen(engine, "checkout", _ping_after_idleness)
                event.listen(engine, "checkin", _note_use)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed at the end and rolled back on an exception.

        SQLite has one writer at a time, process-wide; do no I/O inside. What `on_commit` was given runs after
        the commit, when the writer is free again. Raises `UnreachableDatabase`, `DatabaseBusy`.
        """
        with self._named(), self._writer or _NO_WRITER, Session(self.engine, expire_on_commit=False) as session:
            session.info["database"] = self
            yield session
            session.commit()
        for action in session.info.pop("on_commit", ()):
            _run_after_commit(action)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session to read with: never waits for a writer, refuses to write. Raises `UnreachableDatabase`."""
        with self._named(), Session(self._read_engine, expire_on_commit=False) as session:
            session.info["database"] = self
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Like `read`, and every query sees the same moment: for answers whose figures must add up to each other."""
        engine = self._read_engine
        if not self.is_sqlite:
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with self._named(), Session(engine, expire_on_commit=False) as session:
            session.info["database"] = self
            yield session

    @staticmethod
    def on_commit(session: Session, action: Callable[[], object]) -> None:
        """Call `action` once this session's transaction has been committed, and never otherwise."""
        session.info.setdefault("on_commit", []).append(action)

    def check(self) -> None:
        """Return if the database answers; raise `UnreachableDatabase` naming it if not."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def wait_until_reachable(self, timeout_s: float) -> None:
        """Return as soon as the database answers; raise `UnreachableDatabase` after `timeout_s` seconds."""
        give_up_at = time.monotonic() + timeout_s
        pause_s = 0.05
        while True:
            try:
                return self.check()
            except UnreachableDatabase:
                if time.monotonic() + pause_s > give_up_at:
                    raise
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, 1.0)

    def close(self) -> None:
        """Close the connections that are idle; those in use close when they are given back."""
        self.engine.dispose()
        self._read_engine.dispose()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except UnreachableDatabase:
            raise
        except Exception as error:
            if is_unreachable(error):
                raise UnreachableDatabase(f"cannot reach the database {self.address}: {_cause(error)}") from error
            raise


def shared(url: str) -> Database:
    """The process's one `Database` for this address, so that all parts of a service share its connections."""
    if url not in _databases:
        _databases[url] = Database(url)
    return _databases[url]


class _Writer:
    """The right to write to one SQLite file. SQLite itself would make the whole process wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: int | None = None

    def __enter__(self) -> None:
        if self._owner == threading.get_ident():
            raise RuntimeError("a transaction inside a transaction on the same SQLite file would wait for itself")
        if not self._lock.acquire(timeout=WRITER_WAIT_S):
            raise DatabaseBusy(f"the database's writer did not finish within {WRITER_WAIT_S:.0f} s")
        self._owner = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._owner = None
        self._lock.release()


class _NoWriter:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


_NO_WRITER = _NoWriter()


def _configure_sqlite(engine: Engine, *, begin: str, pragmas: tuple[str, ...]) -> None:
    # WAL with synchronous=FULL: readers never wait, and a commit outlives the loss of power.
    settings = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", *pragmas)

    def connected(connection: Any, _record: object) -> None:
        # No implicit BEGIN by the driver: it would come late and without IMMEDIATE.
        connection.isolation_level = None
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))


def _postgres_arguments(more_options: str) -> dict[str, Any]:
    return {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "options": _POSTGRES_OPTIONS + more_options,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
    }


def _note_use(_connection: object, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _ping_after_idleness(connection: Any, record: Any, _proxy: object) -> None:
    # A ping at each checkout would cost a round trip; a connection just used is almost surely alive.
    used_at = record.info.get("used_at")
    if used_at is None or time.monotonic() - used_at < IDLE_BEFORE_PING_S:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except connection.Error as error:
        raise DisconnectionError from error


def _run_after_commit(action: Callable[[], object]) -> None:
    try:
        action()
    except Exception:
        # Committed is committed: the caller must not take this for a failure of its work.
        log.exception("an action after commit failed")


def _cause(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
