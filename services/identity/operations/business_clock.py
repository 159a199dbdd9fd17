"""The business's clock: moved here, followed by every service."""

from datetime import datetime

from sqlalchemy.orm import Session

from chassis import outbox
from chassis.clock import BusinessClock, ClockState
from contracts import codes
from contracts.identity import BusinessClockSet, ClockView, SetBusinessClock
from contracts.wire import Refused

_AGGREGATE = "business_clock"


def set_business_clock(session: Session, command: SetBusinessClock, *, clock: BusinessClock) -> ClockView:
    """Move the clock in identity's own database and tell every service. Refused `invalid` without an instant."""
    if command.mode != "real" and (command.at is None or command.at.tzinfo is None):
        raise Refused(codes.INVALID, f"A {command.mode} clock needs an instant with a time zone.", field="at")
    try:
        state = clock.set_from(session, command.at, command.mode)
        view = _view(session, clock, state)
    except OverflowError:
        raise Refused(codes.INVALID, "That instant is out of range.", field="at") from None
    outbox.record(
        session,
        BusinessClockSet(
            version=state.version,
            mode=state.mode,
            frozen_at=state.frozen_at,
            offset_s=state.offset_s,
        ),
        aggregate_id=_AGGREGATE,
        aggregate_version=state.version,
        ordering_key=_AGGREGATE,
    )
    return view


def business_clock(session: Session, *, clock: BusinessClock) -> ClockView:
    """Return how the clock is set and what it shows."""
    return _view(session, clock, clock.state(session))


def _view(session: Session, clock: BusinessClock, state: ClockState) -> ClockView:
    now: datetime = clock.now(session)
    return ClockView(mode=state.mode, now=now, offset_s=state.offset_s)
