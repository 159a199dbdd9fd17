"""How long a session lasts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SEEN_AGAIN_AFTER = timedelta(minutes=1)
"""`last_seen_at` is written at most this often: a page of five calls is one visit."""


@dataclass(frozen=True, kw_only=True)
class SessionLife:
    """A session ends `idle` after the customer's last page, and at the latest `longest` after the log-in."""

    idle: timedelta
    longest: timedelta

    def ends_at(self, *, opened_at: datetime, last_seen_at: datetime) -> datetime:
        """Return when the session is over if no further page is asked for."""
        return min(last_seen_at + self.idle, opened_at + self.longest)
