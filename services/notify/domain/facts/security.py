"""What the notices about a customer's log-in state. They go to the address that the log-in had."""

from datetime import datetime

import msgspec


class NewAddressFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody asked for another address, or it was changed."""

    name: str
    new_email: str


class NewPasswordFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The password was changed."""

    name: str
    changed_at: datetime
