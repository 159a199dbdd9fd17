"""The tables of the toy services: what they did, and how often they tried."""

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select
from sqlalchemy.orm import Session

from chassis import tables
from chassis.database import Database

metadata = MetaData()
effects = Table(
    "effects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", String(36), nullable=False),
    Column("number", Integer, nullable=False),
)


def create(url: str) -> Database:
    """A database with the chassis's tables and the toy's."""
    database = Database(url)
    with database.engine.begin() as connection:
        tables.metadata.create_all(connection)
        metadata.create_all(connection)
    return database


def add_effect(session: Session, event_id: str, number: int) -> None:
    session.execute(insert(effects).values(event_id=event_id, number=number))


def numbers(database: Database) -> list[int]:
    """The numbers of the events that had their effect, one for each effect."""
    with database.read() as session:
        return list(session.scalars(select(effects.c.number).order_by(effects.c.number)))
