"""Whether a database has all of a service's migrations, found out without loading Alembic.

Alembic costs a running service seven megabytes that it never uses again.
"""

import importlib.util
import re
from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.database import Database

_REVISION = re.compile(r"""^revision\s*(?::[^=]*)?=\s*["']([^"']+)["']""", re.MULTILINE)
_FOLLOWS = re.compile(r"""^down_revision\s*(?::[^=]*)?=\s*["']([^"']+)["']""", re.MULTILINE)


@cache
def newest_revision(package: str) -> str:
    """Return the id of the newest revision in `package` (`services.billing.migrations`)."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"there is no package {package} with migrations")
    folder = Path(next(iter(spec.submodule_search_locations))) / "versions"
    sources = [path.read_text(encoding="utf-8") for path in folder.glob("*.py")]
    revisions = {match for source in sources for match in _REVISION.findall(source)}
    newest = revisions - {match for source in sources for match in _FOLLOWS.findall(source)}
    if len(newest) != 1:
        raise ValueError(f"{package} should have one newest revision and has {sorted(newest)}")
    return str(newest.pop())


def problem(database: Database, package: str) -> str | None:
    """Return what is wrong with the database's tables, None if nothing is. Raises UnreachableDatabase."""
    try:
        with database.read() as session:
            revision = session.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        revision = None
    newest = newest_revision(package)
    if revision == newest:
        return None
    service = package.removesuffix(".migrations")
    state = f"at revision {revision}" if revision else "not migrated"
    return f"the database {database.address} is {state} instead of {newest}; run: python -m {service} migrate"
