"""What all sections share: the progress line, and one running portal."""

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from benchmarks.machine import rabbitmq_version
from benchmarks.portal import Portal, portal

LONGEST_LINE = 110


class Bench:
    """One run. The portal is started when the first section asks for it and stopped at the end."""

    def __init__(self) -> None:
        self._portals: dict[str, tuple[Portal, ExitStack]] = {}
        self._started = time.monotonic()
        self.rabbitmq_version = "unknown"

    def __enter__(self) -> "Bench":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_line()
        self.close_portals()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    @property
    def portal(self) -> Portal:
        """The portal that most sections use."""
        return self.portal_named("first")

    def portal_named(self, name: str) -> Portal:
        """A portal of its own for each name."""
        if name not in self._portals:
            self.progress(f"starting RabbitMQ, PostgreSQL and every service (portal: {name})")
            with ExitStack() as cleanup:
                folder = cleanup.enter_context(TemporaryDirectory(prefix="porchlight-bench-"))
                made = cleanup.enter_context(portal(Path(folder)))
                self._portals[name] = made, cleanup.pop_all()
            self.rabbitmq_version = rabbitmq_version(made.stack.rabbitmq.url)
        return self._portals[name][0]

    def close_portals(self) -> None:
        """Stop all that were started; a section that needs the machine to itself asks for it."""
        while self._portals:
            _, (_, cleanup) = self._portals.popitem()
            cleanup.close()

    def progress(self, what: str) -> None:
        """Say what is being done, on one line that is written over where that can be done."""
        line = f"[{self.elapsed_s:5.0f} s] {what}"[:LONGEST_LINE]
        if sys.stderr.isatty():
            print(f"\r{line:<{LONGEST_LINE}}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def _end_line(self) -> None:
        if sys.stderr.isatty():
            print(file=sys.stderr)
