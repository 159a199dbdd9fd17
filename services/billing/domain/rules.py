"""What the owner of the business decides, and the moment at which something happens."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class OwnerRules:
    """The owner's choices. `minimum_partial_minor` is the least that a partial payment may be, in minor units."""

    currency: str
    time_zone: ZoneInfo
    auto_apply_credits: bool = True
    allow_partial_payments: bool = True
    minimum_partial_minor: int = 100


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The business's present: the instant in UTC and the date on its wall."""

    now: datetime
    today: date


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which `day` began on the business's wall, in UTC.

    Shown in the business's time zone it is that day again, wherever the server is.
    """
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
