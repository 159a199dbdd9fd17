"""The entrypoint `works`: a method that does work lying in the database, whenever there is some.

    @works("deliveries", every_s=5)
    def deliver(self) -> bool: ...       # True: did something, call again at once

A transaction that makes work calls `wake(session, "deliveries")`; the method is called right after its commit, and
every `every_s` seconds besides. Every copy of a service calls it: that a piece of work is done once is the
method's own affair, by a row lock or a unique key.
"""

import logging
import threading
from typing import Any

from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from chassis import database, wakeups

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 60.0

wake = wakeups.wake_at_commit


class Works(Entrypoint):
    """Calls its method as long as that returns True, then sleeps until woken; after an exception pauses, longer and
    longer, and calls again.
    """

    def __init__(self, work: str, *, every_s: float) -> None:
        super().__init__()
        self.work = work
        self.every_s = every_s
        self._thread: Any = None

    def setup(self) -> None:
        """Make what needs no connection."""
        self._signal = wakeups.signal(database.shared(self.container.config["SETTINGS"].database_url), self.work)
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin with what lies there already."""
        self._thread = self.container.spawn_managed_thread(self._run, identifier=self.work)

    def stop(self) -> None:
        """Let the present call end; no further one begins."""
        self._stop.set()
        self._signal.set()
        if self._thread is not None:
            self._thread.wait()

    def kill(self) -> None:
        """Stop without waiting."""
        self._stop.set()
        if self._thread is not None:
            self._thread.kill()

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            # Cleared before working: what is committed during the call sets it again.
            self._signal.clear()
            call = _Call()
            try:
                self.container.spawn_worker(self, (), {}, handle_result=call.ended)
            except ContainerBeingKilled:
                return
            call.wait()
            if call.failed:
                failures += 1
                self._stop.wait(min(2.0 ** (failures - 1), LONGEST_PAUSE_S))
                continue
            failures = 0
            if not call.result:
                self._signal.wait(self.every_s)


class _Call:
    """One call of the method, running in a worker of its own."""

    def __init__(self) -> None:
        self.result: object = None
        self.failed = False
        self._ended = threading.Event()

    def ended(self, _worker: Any, result: object, exc_info: Any) -> tuple[object, Any]:
        self.result, self.failed = result, exc_info is not None
        self._ended.set()
        return result, exc_info

    def wait(self) -> None:
        # Without a bound of its own: what the method calls has one, and a second call beside it would be worse.
        self._ended.wait()


works = Works.decorator
