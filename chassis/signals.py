"""Signals in a process of many greenlets: each is heard, and by the greenlet that it is meant for."""

import itertools
import os
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import eventlet
from eventlet.hubs import get_hub, trampoline

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopSignals:
    """Signals as something that greenlets can wait for.

    A handler alone would be noticed only when the hub next wakes; the interpreter's wake-up socket wakes it.
    They are counted, not handed over: one that comes while a wait is being given up is there for the next.
    """

    def __init__(self, numbers: Sequence[int] = STOP_SIGNALS) -> None:
        self._come = 0
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)
        self._writing.setblocking(False)
        self._fd_before = signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)
        self._handlers_before = {number: signal.signal(number, self.handle) for number in numbers}

    def handle(self, number: int, frame: FrameType | None) -> None:
        """What is done at the very moment of the signal, in whichever greenlet runs: nothing."""

    def wait(self, count: int) -> None:
        """Return when so many signals have come since this was made."""
        while self._come < count:
            trampoline(self._reading.fileno(), read=True)
            self._come += sum(number in self._handlers_before for number in os.read(self._reading.fileno(), 64))

    def ignore_from_now_on(self) -> None:
        """Let no signal that comes now change the exit code: the interpreter forgets its handlers before it ends."""
        for number in self._handlers_before:
            signal.signal(number, signal.SIG_IGN)

    def close(self) -> None:
        """Let signals do what they did before."""
        # First: a handler that raises must not leave the interpreter writing to a socket that is gone.
        signal.set_wakeup_fd(self._fd_before)
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)
        self._reading.close()
        self._writing.close()


def first_of(work: Any, stop_requested: StopSignals, *, signals: int = 1) -> bool:
    """Wait for whichever is first: True (or its error) for the end of the work, False for that many signals in all."""
    outcome = eventlet.event.Event()

    def ended(finished: Any) -> None:
        if outcome.ready():
            return
        try:
            finished.wait()
            outcome.send(True)
        except Exception as error:
            outcome.send_exception(error)

    def stopped() -> None:
        stop_requested.wait(signals)
        if not outcome.ready():
            outcome.send(False)

    waiting = eventlet.spawn(stopped)
    work.link(ended)
    try:
        return bool(outcome.wait())
    finally:
        waiting.kill()


@contextmanager
def interrupted_here() -> Iterator[None]:
    """While the block lasts, Ctrl-C raises KeyboardInterrupt in this greenlet, where it waits next or the block ends.

    Python's own handler raises it in whichever greenlet runs. Beside services that is often one of theirs: a handler
    ends, or the broker inside the process, and everybody else waits for it in vain.
    """
    interrupts = _Interrupts(eventlet.getcurrent())
    try:
        yield
    finally:
        interrupts.close()


class _Interrupts(StopSignals):
    def __init__(self, target: Any) -> None:
        self._target = target
        self._is_due = False
        self._is_open = True
        super().__init__((signal.SIGINT,))
        self._watching = eventlet.spawn(self._watch)

    def handle(self, number: int, frame: FrameType | None) -> None:
        if self._is_due:
            # Nobody has waited since the one before: the way out of a process that never will.
            signal.default_int_handler(number, frame)
        self._is_due = True

    def close(self) -> None:
        """Let Ctrl-C do what it did before; one that nobody has waited for is raised here."""
        self._is_open = False
        self._watching.kill()
        super().close()
        if self._is_due:
            raise KeyboardInterrupt

    def _watch(self) -> None:
        for count in itertools.count(1):
            self.wait(count)
            get_hub().schedule_call_global(0, self._throw)

    def _throw(self) -> None:
        # Not into the closing, which would then not come to its end.
        if self._is_open:
            self._is_due = False
            self._target.throw(KeyboardInterrupt)
