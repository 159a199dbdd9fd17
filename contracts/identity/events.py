"""identity's facts."""

from datetime import datetime

from contracts.identity.clock import ClockMode
from contracts.identity.links import LinkPurpose
from contracts.imports import Origin
from contracts.wire import Event


class ContactChanged(Event):
    """A customer was created or its contact data changed. Replaces what listeners hold if `version` is higher."""

    customer_id: str
    version: int
    reference: str
    name: str
    email: str | None
    phone: str | None
    address: str | None
    origin: Origin


class LinkRequested(Event):
    """Somebody asked for a link. identity itself finds out whether the address is on file."""

    request_id: str


class LinkIssued(Event):
    """A one-time link waits to be sent. Its secret is fetched with `ReadLinkToken` just before sending."""

    link_id: str
    email: str
    name: str
    purpose: LinkPurpose
    expires_at: datetime
    customer_ids: list[str]


class BusinessClockSet(Event):
    """The business's clock was moved. Every service keeps it in its own database."""

    version: int
    mode: ClockMode
    frozen_at: datetime | None = None
    offset_s: int = 0


class EmailChangeRequested(Event):
    """Somebody signed in as the owner of `email` wants `new_email` instead: `email` is told, a link goes to the other.

    The link's secret is fetched with `ReadLinkToken` just before sending.
    """

    link_id: str
    email: str
    new_email: str
    name: str
    expires_at: datetime
    customer_ids: list[str]


class EmailChanged(Event):
    """A log-in's address is another one: `former_email` is told."""

    change_id: str
    former_email: str
    email: str
    name: str
    customer_ids: list[str]


class PasswordChanged(Event):
    """A log-in that had a password has another one: its address is told."""

    change_id: str
    email: str
    name: str
    changed_at: datetime
    customer_ids: list[str]
