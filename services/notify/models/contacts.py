"""How customers are reached."""

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.models.base import ID, Base
from services.notify.models.consent import NUMBER


class Contact(Base):
    """How a customer is reached, as identity last said; replaced only by a higher version."""

    __tablename__ = "contacts"

    customer_id: Mapped[str] = mapped_column(ID, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    # As it is on file, and in E.164 where it can be called.
    phone: Mapped[str | None] = mapped_column(String(200))
    number: Mapped[str | None] = mapped_column(NUMBER, index=True)
