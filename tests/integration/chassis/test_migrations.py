"""Migrations lead to the models on both engines, and a revision is written by comparing the two."""

import os
import subprocess
import sys
import textwrap

import pytest
from sqlalchemy import MetaData, Table, create_engine, inspect

from chassis import migrations
from chassis.database_errors import UnreachableDatabase

MODELS = """
    from datetime import datetime
    from sqlalchemy import ForeignKey, MetaData, String
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
    from chassis.tables import NAMING, UtcDateTime

    class Base(DeclarativeBase):
        metadata = MetaData(naming_convention=NAMING)

    class Garden(Base):
        __tablename__ = "gardens"
        id: Mapped[str] = mapped_column(String(36), primary_key=True)
        mown_at: Mapped[datetime] = mapped_column(UtcDateTime)

    class Bed(Base):
        __tablename__ = "beds"
        id: Mapped[str] = mapped_column(String(36), primary_key=True)
        garden_id: Mapped[str] = mapped_column(ForeignKey("gardens.id"), index=True)
        amount_minor: Mapped[int]
"""
ENVIRONMENT = """
    from chassis.migrations import run
    from gardening.models import Base
    run(Base.metadata)
"""


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A package `gardening` with models and an empty folder of migrations; returns the models' metadata."""
    versions = tmp_path / "gardening" / "migrations" / "versions"
    versions.mkdir(parents=True)
    for folder in (versions, versions.parent, versions.parent.parent):
        (folder / "__init__.py").touch()
    (versions.parent / "env.py").write_text(textwrap.dedent(ENVIRONMENT))
    (versions.parent.parent / "models.py").write_text(textwrap.dedent(MODELS))
    monkeypatch.syspath_prepend(tmp_path)
    from gardening.models import Base  # type: ignore[import-not-found]

    yield Base.metadata
    for name in [name for name in sys.modules if name.startswith("gardening")]:
        del sys.modules[name]


PACKAGE = "gardening.migrations"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gardening.sqlite"
    return request.getfixturevalue("postgres_database")


def test_the_revision_that_is_written_leads_to_the_models(models, url):
    file = migrations.write_revision(PACKAGE, "First tables", [models])
    assert file.name == "0001_first_tables.py"
    migrations.check(url, PACKAGE, [models])
    engine = create_engine(url)
    assert {"gardens", "beds", "outbox", "inbox", "parked_events"} <= set(inspect(engine).get_table_names())
    engine.dispose()
    # Again, on a database that is up to date: nothing to do.
    migrations.check(url, PACKAGE, [models])


def test_a_later_revision_holds_only_what_changed(models, url):
    migrations.write_revision(PACKAGE, "First tables", [models])
    migrations.upgrade(url, PACKAGE)
    grown = MetaData(naming_convention=models.naming_convention)
    for table in models.tables.values():
        table.to_metadata(grown)
    Table("beds", grown, *_one_more_column(), extend_existing=True)
    with pytest.raises(migrations.MigrationsDiffer, match="watered"):
        migrations.check(url, PACKAGE, [grown])
    file = migrations.write_revision(PACKAGE, "Watering", [grown])
    assert file.name == "0002_watering.py"
    assert "gardens" not in file.read_text()
    migrations.check(url, PACKAGE, [grown])


def test_a_revision_without_a_change_is_refused(models):
    migrations.write_revision(PACKAGE, "First tables", [models])
    with pytest.raises(ValueError, match="already"):
        migrations.write_revision(PACKAGE, "Nothing", [models])


def test_an_unreachable_database_is_named(models):
    with pytest.raises(UnreachableDatabase, match=r"someone:\*\*\*@127.0.0.1:1/garden"):
        migrations.upgrade("postgresql://someone:secret@127.0.0.1:1/garden", PACKAGE)


def test_alembic_is_not_loaded_to_find_nothing_to_upgrade(models, url):
    migrations.write_revision(PACKAGE, "First tables", [models])
    upgraded = f"from chassis.migrations import upgrade; upgrade({url!r}, {PACKAGE!r})"
    asked = f"import sys; {upgraded}; print('alembic' in sys.modules)"
    ran = [
        subprocess.run(
            [sys.executable, "-c", asked],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        for _ in range(2)
    ]
    assert [each.stdout.strip() for each in ran] == ["True", "False"], [each.stderr for each in ran]


def _one_more_column():
    from sqlalchemy import Column, Integer

    return [Column("watered", Integer, nullable=True)]
