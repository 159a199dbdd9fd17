"""When customers are reminded of visits, by the business's clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_NOON = time(12)
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class ReminderRules:
    """`hour` is that of the business's wall, on the day before the visit."""

    hour: int
    time_zone: ZoneInfo

    def due_at(self, visited_on: date) -> datetime:
        """When the reminder of a visit of that day goes out."""
        return self._instant(visited_on - _DAY, time(self.hour))

    def is_over(self, visited_on: date, *, at: datetime) -> bool:
        """Whether it is too late to remind: the day has begun."""
        return at >= self._instant(visited_on, time.min)

    def is_past(self, visited_on: date, *, at: datetime) -> bool:
        """Whether the day has ended: nobody waits for the crew any more."""
        return at >= self.ends_at(visited_on)

    def lapses_at(self, visited_on: date, arrives_from: time | None) -> datetime:
        """From when on a reminder that is not out is of no use: the crew may be there."""
        return self._instant(visited_on, arrives_from or _NOON)

    def ends_at(self, visited_on: date) -> datetime:
        """When the day ends."""
        return self._instant(visited_on + _DAY, time.min)

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.time_zone).astimezone(UTC)
