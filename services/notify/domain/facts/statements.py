"""What the e-mail about a statement states."""

from datetime import date

import msgspec


class StatementFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A month that is over: its first day and its last."""

    starts_on: date
    ends_on: date
