"""What the e-mail with a one-time link states."""

from datetime import datetime

import msgspec


class LinkFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a one-time link is for. Address, expiry and token come with the token."""

    name: str


class OpenedLink(msgspec.Struct, frozen=True, kw_only=True):
    """The same with the link's secret: made when the message is, and never kept."""

    name: str
    token: str
    expires_at: datetime
