"""Alembic without its ini file: upgrade a service's database, check its models, write a new revision.

A service's `migrations/env.py` is three lines:

    from chassis.migrations import run
    from services.billing.models import Base
    run(Base.metadata)

A new revision, written by comparing the models with what the revisions so far lead to:

    python -m chassis.migrations services.billing.migrations "first tables"

Alembic is loaded by those functions that need it, none of which a start with nothing to upgrade calls: loading it takes
an embedded command longer than all its database work.
"""

import argparse
import importlib
import importlib.util
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, MetaData, text

from chassis import schema, tables
from chassis.database import Database

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.migration import MigrationContext

_UPGRADE_LOCK = 7_716_001

_REVISION = '''"""{message}"""

import sqlalchemy as sa
from alembic import op
{imports}
revision = "{revision}"
down_revision = {down_revision}


def upgrade() -> None:
    {upgrade}
'''


class MigrationsDiffer(Exception):
    """The models and what the migrations lead to are not the same; the message lists the differences."""


def upgrade(url: str, package: str) -> None:
    """Bring the database at `url` to the newest revision in `package` (`services.billing.migrations`).

    Several at once are safe: the others wait. Raises `UnreachableDatabase` naming the database.
    """
    database = Database(url)
    try:
        database.wait_until_reachable(timeout_s=0.0)
        if schema.problem(database, package) is not None:
            _run_revisions(database, package)
    finally:
        database.close()


def _run_revisions(database: Database, package: str) -> None:
    from alembic import command

    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
        command.upgrade(_config(package, connection), "head")


def check(url: str, package: str, metadatas: Sequence[MetaData]) -> None:
    """Upgrade the database at `url` and raise `MigrationsDiffer` unless it then has the models' tables.

    The chassis's own tables are compared too.
    """
    from alembic.autogenerate import compare_metadata

    upgrade(url, package)
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            differences = compare_metadata(_comparison(connection), _together(metadatas))
    finally:
        database.close()
    if differences:
        raise MigrationsDiffer("\n".join(str(difference) for difference in differences))


def run(*metadatas: MetaData) -> None:
    """The body of a service's `env.py`: its models' metadata; the chassis's tables are added here."""
    from alembic import context

    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=[*metadatas, tables.metadata],
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render_type,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def write_revision(package: str, message: str, metadatas: Sequence[MetaData]) -> Path:
    """Write the next revision of `package` and return its file. Looks at models and revisions, at no server."""
    from alembic.autogenerate import produce_migrations, render_python_code

    versions = _folder(package) / "versions"
    versions.mkdir(exist_ok=True)
    before = sorted(file.name[:4] for file in versions.glob("[0-9]*.py"))
    revision = f"{len(before) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.sqlite")
        _run_revisions(database, package)
        with database.engine.connect() as connection:
            produced = produce_migrations(_comparison(connection), _together(metadatas))
        database.close()
    if produced.upgrade_ops is None or produced.upgrade_ops.is_empty():
        raise ValueError(f"the revisions of {package} already lead to its models")
    body = render_python_code(produced.upgrade_ops, render_as_batch=bool(before), render_item=_render_type)
    file = versions / f"{revision}_{re.sub(r'[^a-z0-9]+', '_', message.lower()).strip('_')}.py"
    file.write_text(
        _REVISION.format(
            message=message,
            imports="\nfrom chassis.tables import UtcDateTime\n" if "UtcDateTime()" in body else "",
            revision=revision,
            down_revision=f'"{before[-1]}"' if before else "None",
            upgrade=body.replace("\n\n", "\n"),
        )
    )
    schema.newest_revision.cache_clear()
    return file


def _comparison(connection: Connection) -> "MigrationContext":
    from alembic.migration import MigrationContext

    return MigrationContext.configure(
        connection, opts={"compare_type": True, "render_as_batch": True, "render_item": _render_type}
    )


def _together(metadatas: Sequence[MetaData]) -> MetaData:
    together = MetaData(naming_convention=tables.NAMING)
    for metadata in [*metadatas, tables.metadata]:
        for table in metadata.tables.values():
            table.to_metadata(together)
    return together


def _config(package: str, connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_folder(package)).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"there is no package {package} with migrations")
    return Path(next(iter(spec.submodule_search_locations)))


def _render_type(kind: str, item: Any, _autogen: object) -> str | Literal[False]:
    return "UtcDateTime()" if kind == "type" and isinstance(item, tables.UtcDateTime) else False


def main() -> None:
    """Write a revision from the command line. The models are `models.Base` beside the package."""
    parser = argparse.ArgumentParser(description="Write the next Alembic revision of a service.")
    parser.add_argument("package", help="for example services.billing.migrations")
    parser.add_argument("message", help="what it changes")
    arguments = parser.parse_args()
    models = importlib.import_module(arguments.package.rpartition(".")[0] + ".models")
    print(write_revision(arguments.package, arguments.message, [models.Base.metadata]))


if __name__ == "__main__":
    main()
