"""The command `porchlight`, many times in one process: what it is asked on standard input, a JSON list a line.

Answers a line of JSON: exit code, what it printed, what it complained of. Starting Python anew for each of fifty
commands would cost the tests minutes; the process is the only thing that is shared.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ran:
    code: int
    output: str
    complaints: str


class Commands:
    """Runs commands in the embedded mode, each in the home folder it is given."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, home: Path, *arguments: str) -> Ran:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(home), *arguments]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the process ended at {arguments}"
        return Ran(**json.loads(line))


@contextlib.contextmanager
def commands() -> Iterator[Commands]:
    """The process, ended when the block ends."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PORCHLIGHT_", "STRIPE_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.command_loop"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environ,
        cwd=Path(__file__).resolve().parents[2],
    )
    try:
        yield Commands(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)
        assert process.stdout is not None
        process.stdout.close()


def _loop() -> None:
    from chassis import monkey

    monkey.patch()
    from porchlight.cli import run

    for line in sys.stdin:
        home, *arguments = json.loads(line)
        os.environ["PORCHLIGHT_HOME"] = home
        sys.argv = ["porchlight", *arguments]
        with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.redirect_stderr(io.StringIO()) as problems:
            code = run()
        answer = {"code": code, "output": output.getvalue(), "complaints": problems.getvalue()}
        print(json.dumps(answer), file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    _loop()
