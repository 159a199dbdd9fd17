"""Recording comes before sending: while invoices pour in, the sender leaves the processor to the listener.

Making a message takes some 4 ms of the process's one thread, and a batch of a hundred events takes 20. Sending in
between would make ten thousand invoices three times slower to record, and not one e-mail faster to arrive.
"""

import time
from collections.abc import Callable

CALM_AFTER_S = 0.2
"""No event for so long: the run is over."""

LONGEST_WAIT_S = 15.0
"""A stream of events without end may delay what is queued by so much at a time."""


class GivingWay:
    """Between one process's listener, which notes what it does, and its sender, which waits for calm."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._recorded_at = float("-inf")

    def note_recording(self) -> None:
        """An event is being recorded now."""
        self._recorded_at = self._monotonic()

    def wait_until_calm(self) -> None:
        """Return when nothing has been recorded for a moment, or after the longest wait."""
        give_up_at = self._monotonic() + LONGEST_WAIT_S
        while (now := self._monotonic()) < min(self._recorded_at + CALM_AFTER_S, give_up_at):
            self._sleep(max(0.01, self._recorded_at + CALM_AFTER_S - now))
