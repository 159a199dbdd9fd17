"""The parent of notify's tables, and the width of an id."""

from sqlalchemy import MetaData, String
from sqlalchemy.orm import DeclarativeBase

from chassis.tables import NAMING

ID = String(36)


class Base(DeclarativeBase):
    """The parent of notify's own tables."""

    metadata = MetaData(naming_convention=NAMING)
