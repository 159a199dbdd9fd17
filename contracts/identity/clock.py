"""The business's clock."""

from datetime import datetime
from typing import Literal

from contracts.wire import Command, View

ClockMode = Literal["real", "frozen", "offset"]


class ClockView(View):
    """The business's clock: `real`, `frozen` at an instant, or running `offset_s` ahead of real time."""

    mode: ClockMode
    now: datetime
    offset_s: int = 0


class SetBusinessClock(Command[ClockView]):
    """Move the clock that decides "today" and due work, for tests and demonstrations.

    `frozen` stops it at `at`; `offset` lets it run from `at`; `real` returns to real time.
    """

    mode: ClockMode
    at: datetime | None = None


class GetBusinessClock(Command[ClockView]):
    """The business's present instant, and whether its clock was moved."""
