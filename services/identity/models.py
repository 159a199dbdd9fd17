"""identity's tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.tables import NAMING, UtcDateTime
from contracts.identity import LinkPurpose

_Id = String(36)
_Hash = String(64)
# Sorted by code point on both engines, so that pages and reports come in the same order everywhere.
_Sorted = String(100).with_variant(String(100, collation="C"), "postgresql")


class Base(DeclarativeBase):
    """The parent of identity's own tables."""

    metadata = MetaData(naming_convention=NAMING)


class Customer(Base):
    """A customer of the business. `email_key` is what addresses are compared by; several customers may share one."""

    __tablename__ = "customers"

    customer_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    reference: Mapped[str] = mapped_column(_Sorted, unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254), index=True)
    phone: Mapped[str | None] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(String(500))
    contact_version: Mapped[int] = mapped_column(Integer)
    # Name, e-mail address, phone and address as the business said them last, once the customer has changed one.
    business_said: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LogIn(Base):
    """A password for an e-mail address. Its accounts are the customers that have the address on file."""

    __tablename__ = "log_ins"

    log_in_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    password_set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignedIn(Base):
    """A session. A row that is there and not past its time is a session; ending it removes the row."""

    __tablename__ = "sessions"

    session_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(_Hash, unique=True)
    log_in_id: Mapped[str] = mapped_column(ForeignKey("log_ins.log_in_id", ondelete="CASCADE"), index=True)
    # The account it was opened for or last switched to; a cookie may still name another one of the log-in.
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.customer_id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ip_address: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(300))


class LinkRequest(Base):
    """Somebody asked for a link. Kept for a day, to count."""

    __tablename__ = "link_requests"
    __table_args__ = (Index("ix_link_requests_network_requested_at", "network", "requested_at"),)

    request_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    email_key: Mapped[str] = mapped_column(String(254))
    purpose: Mapped[LinkPurpose] = mapped_column(String(20))
    network: Mapped[str | None] = mapped_column(String(45))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Link(Base):
    """A one-time link. It may be used while `used_at` and `ended_at` are null and `expires_at` is to come."""

    __tablename__ = "links"
    __table_args__ = (Index("ix_links_email_key_issued_at", "email_key", "issued_at"),)

    link_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(_Hash, unique=True)
    purpose: Mapped[LinkPurpose] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Replaced by a newer link, or its address is no longer on file.
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The address that `email` is to replace, of a link that changes an address: it ends with what it replaces.
    replaces_key: Mapped[str | None] = mapped_column(String(254), index=True)


class LogInTries(Base):
    """Log-ins that failed in a row, by the hash of an address or a network. No try counts before `next_try_at`."""

    __tablename__ = "log_in_tries"

    key: Mapped[str] = mapped_column(_Hash, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_try_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
