"""What happened during a storm, in order; printed when it ends badly."""

import threading
import time


class Diary:
    """Lines with their second of the storm. Presses on Pay are counted, so that troubles can strike in the midst."""

    def __init__(self) -> None:
        self._began_at = time.monotonic()
        self._changed = threading.Condition()
        self._lines: list[str] = []
        self._presses = 0

    def note(self, line: str) -> None:
        """Write a line."""
        with self._changed:
            self._lines.append(f"{time.monotonic() - self._began_at:7.2f}  {line}")

    def press(self) -> int:
        """Count a press on Pay that begins now; returns its number."""
        with self._changed:
            self._presses += 1
            self._changed.notify_all()
            return self._presses

    def wait_for_presses(self, count: int, *, timeout_s: float) -> None:
        """Return after so many more presses, or when the time is over: nobody can press while the portal is away."""
        with self._changed:
            wanted = self._presses + count
            self._changed.wait_for(lambda: self._presses >= wanted, timeout_s)

    def __str__(self) -> str:
        return "\n".join(self._lines)
