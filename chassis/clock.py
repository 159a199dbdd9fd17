"""Two clocks. The business clock decides today and due work and can be moved; the system clock decides expiry,
sessions, backoff and signature age and cannot.

The business clock's state is a row in each service's own database, so that every process of it agrees.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.tables import business_clock

ClockMode = Literal["real", "frozen", "offset"]
_ONLY_ROW = 1

# Built once: it is read in nearly every transaction, and building it took longer than running it.
_STATE = select(
    business_clock.c.mode, business_clock.c.frozen_at, business_clock.c.offset_s, business_clock.c.version
).where(business_clock.c.id == _ONLY_ROW)


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """Return this instant, in UTC."""
        return datetime.now(UTC)


system_clock = SystemClock()


@dataclass(frozen=True, kw_only=True)
class ClockState:
    """How the business's time differs from real time; `version` grows each time it is moved."""

    mode: ClockMode = "real"
    frozen_at: datetime | None = None
    offset_s: int = 0
    version: int = 0

    def now(self, real: datetime) -> datetime:
        """Return the business's instant at the real instant `real`, in UTC."""
        if self.mode == "frozen" and self.frozen_at is not None:
            return self.frozen_at
        if self.mode == "offset":
            return real + timedelta(seconds=self.offset_s)
        return real


class BusinessClock:
    """The business's now and today, in its time zone (an IANA name)."""

    def __init__(self, time_zone: str, system: SystemClock = system_clock) -> None:
        self.time_zone = ZoneInfo(time_zone)
        self._system = system

    def now(self, session: Session) -> datetime:
        """Return the business's present instant, in UTC."""
        return self.state(session).now(self._system.now())

    def today(self, session: Session) -> date:
        """Return the business's date in its own time zone."""
        return self.date_of(self.now(session))

    def date_of(self, instant: datetime) -> date:
        """Return the date on the business's wall at `instant`."""
        return instant.astimezone(self.time_zone).date()

    def state(self, session: Session) -> ClockState:
        """Return how the clock is set; real time where nothing was ever set."""
        row = session.execute(_STATE).one_or_none()
        if row is None:
            return ClockState()
        return ClockState(mode=row.mode, frozen_at=row.frozen_at, offset_s=int(row.offset_s), version=int(row.version))

    def set_from(self, session: Session, at: datetime | None, mode: ClockMode) -> ClockState:
        """Move the clock, as its owner: stop it at `at`, let it run from `at`, or return it to real time.

        Returns the new state, which the owner publishes for others to `follow`. Raises ValueError without
        an aware `at` where one is needed.
        """
        if mode != "real" and (at is None or at.tzinfo is None):
            raise ValueError(f"a {mode} clock needs an instant with a time zone")
        version = self.state(session).version + 1
        if mode == "real" or at is None:
            state = ClockState(version=version)
        elif mode == "frozen":
            state = ClockState(mode=mode, frozen_at=at.astimezone(UTC), version=version)
        else:
            offset_s = round((at - self._system.now()).total_seconds())
            state = ClockState(mode=mode, offset_s=offset_s, version=version)
        self._store(session, state)
        return state

    def follow(self, session: Session, state: ClockState) -> bool:
        """Take over a state that the owner published; False and nothing done if it is not newer than ours."""
        if state.version <= self.state(session).version:
            return False
        self._store(session, state)
        return True

    def _store(self, session: Session, state: ClockState) -> None:
        session.execute(business_clock.delete().where(business_clock.c.id == _ONLY_ROW))
        session.execute(
            business_clock.insert().values(
                id=_ONLY_ROW,
                mode=state.mode,
                frozen_at=state.frozen_at,
                offset_s=state.offset_s,
                version=state.version,
            )
        )
