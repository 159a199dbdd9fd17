"""Which database errors mean "not reachable now", which "try the same again", and neither."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

RETRY_SQLSTATES = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "55P03",  # lock_not_available: lock_timeout ran out
        "57014",  # query_canceled: statement_timeout ran out
        "53300",  # too_many_connections
    }
)
"""PostgreSQL's errors that say nothing about the work itself (its manual, appendix A)."""

UNREACHABLE_SQLSTATES = frozenset(
    {
        "57P01",  # admin_shutdown
        "57P02",  # crash_shutdown
        "57P03",  # cannot_connect_now
        "08000",
        "08001",
        "08003",
        "08004",
        "08006",  # connection exceptions
    }
)


class UnreachableDatabase(Exception):
    """The database did not answer. The message names it, with the password masked."""


class DatabaseBusy(Exception):
    """The one writer of a SQLite file did not finish within the time given."""


def is_unreachable(error: BaseException) -> bool:
    """Whether the database was not there: refused, restarting, connection lost."""
    if isinstance(error, UnreachableDatabase):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    sqlstate = getattr(error.orig, "pgcode", None)
    if sqlstate is not None:
        return sqlstate in UNREACHABLE_SQLSTATES
    # psycopg2 gives no code when there was no server to give one; SQLite's errors never have one.
    return isinstance(error, (OperationalError, InterfaceError)) and _from_psycopg2(error)


def is_worth_retrying(error: BaseException) -> bool:
    """Whether the same work may well succeed next time: it collided, or the database was away."""
    if isinstance(error, (DatabaseBusy, PoolTimeout)) or is_unreachable(error):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if getattr(error.orig, "sqlite_errorname", "") in ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_BUSY_SNAPSHOT"):
        return True
    return getattr(error.orig, "pgcode", None) in RETRY_SQLSTATES


def _from_psycopg2(error: DBAPIError) -> bool:
    return type(error.orig).__module__.startswith("psycopg2")
