"""Starting and stopping the greeter as a process of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
SECRET = "a-signing-secret-of-the-greeter"


class Greeter:
    """One process that runs `python -m tests.support.greeter`."""

    def __init__(self, environ: Mapping[str, str], log: Path, *arguments: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tests.support.greeter", *arguments],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
                stdout=output,
                stderr=output,
            )

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def await_output(self, pattern: str, timeout_s: float = 20.0) -> None:
        """Return once a line of its log matches; fail if it ended before."""

        def found() -> bool:
            assert re.search(pattern, self.output) or self.process.poll() is None, f"it ended:\n{self.output}"
            return bool(re.search(pattern, self.output))

        eventually(found, timeout_s=timeout_s, what=f"a line with {pattern!r}")

    def ask_to_stop(self, with_signal: int = signal.SIGTERM) -> None:
        self.process.send_signal(with_signal)

    def exit_code(self, timeout_s: float = 20.0) -> int:
        """Wait for its end and return its exit code."""
        return self.process.wait(timeout_s)

    def end(self) -> None:
        """End it in whatever way works."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


def environment(*, broker_url: str, folder: Path, **more: str) -> dict[str, str]:
    """The greeter's settings, with an SQLite database in `folder`."""
    return {
        "PORCHLIGHT_BROKER_URL": broker_url,
        "GREETER_DATABASE_URL": f"sqlite:///{folder}/greeter.sqlite",
        "GREETER_SECRET": SECRET,
        "PORCHLIGHT_START_TIMEOUT_S": "20",
        **more,
    }


@contextmanager
def running_greeter(*, broker_url: str, folder: Path, **more: str) -> Iterator[Greeter]:
    """A greeter that answers, with its database migrated, for the length of the block."""
    environ = environment(broker_url=broker_url, folder=folder, **more)
    migrating = Greeter(environ, folder / "migrate.log", "migrate")
    assert migrating.exit_code() == 0, migrating.output
    greeter = Greeter(environ, folder / "greeter.log")
    try:
        greeter.await_output("started greetings")
        yield greeter
    finally:
        greeter.end()
