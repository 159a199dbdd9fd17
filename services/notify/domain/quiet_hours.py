"""Quiet hours: from 21:00 to 08:00 at the recipient's place no text is sent (product rule "Text messages")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEGIN = time(21)
END = time(8)
_LOOKS = 8
"""Ends of quiet hours looked at; places further apart than that leave no hour of a day that suits all."""


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """No text until then; `zone` is the place whose morning is waited for."""

    until: datetime
    zone: str


def quiet_at(now: datetime, zones: Sequence[str], *, otherwise: str) -> Quiet | None:
    """Until when a number that may be in any of `zones` is left alone; None when it may be texted now.

    Quiet anywhere is quiet. Where the zones are unknown, or so many that no hour suits all (toll-free numbers), the
    zone `otherwise` decides alone.
    """
    if zones:
        found = _morning_everywhere(now, zones)
        if found is not _NEVER:
            return found
    return _morning_everywhere(now, (otherwise,))


_NEVER = Quiet(until=datetime.max.replace(tzinfo=UTC), zone="")


def _morning_everywhere(now: datetime, zones: Sequence[str]) -> Quiet | None:
    at, latest = now, None
    for _ in range(_LOOKS):
        waits = [Quiet(until=until, zone=zone) for zone in zones if (until := _until(at, zone)) is not None]
        if not waits:
            return latest
        latest = max(waits, key=lambda wait: wait.until)
        at = latest.until
    return _NEVER


def _until(at: datetime, zone: str) -> datetime | None:
    local = at.astimezone(ZoneInfo(zone))
    if END <= local.time() < BEGIN:
        return None
    day = local.date() + timedelta(days=1) if local.time() >= BEGIN else local.date()
    return datetime.combine(day, END, tzinfo=ZoneInfo(zone)).astimezone(UTC)
