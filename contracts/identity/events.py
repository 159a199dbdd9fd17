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
