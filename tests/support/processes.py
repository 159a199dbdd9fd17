"""Services as processes of their own, as they run in production, over a test's own broker and databases."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chassis.rpc import RpcClient
from contracts import codes
from contracts.wire import Command, Refused
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]


@contextmanager
def running(module: str, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module` while a block runs; killed at its end if it still does."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", module],
            cwd=ROOT,
            env=os.environ | dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(20)


def wait_until_it_answers(
    client: RpcClient, question: Command[Any], process: subprocess.Popen[bytes], log: Path, timeout_s: float = 40.0
) -> None:
    """Return as soon as the service answers; fail with its log when it ends instead."""

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            client.call(question)
        except Refused as refused:
            if refused.code != codes.UNAVAILABLE:
                raise
            return False
        return True

    eventually(answers, timeout_s=timeout_s)


def cpu_s(pid: int) -> float:
    """The seconds of processor time that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def busy_share(pid: int, *, for_s: float) -> float:
    """How much of a core a process uses while it is watched for so long."""
    used_s, began_at = cpu_s(pid), time.monotonic()
    # An idle process can only be observed for a while.
    eventually(lambda: time.monotonic() - began_at > for_s, timeout_s=for_s + 60)
    return (cpu_s(pid) - used_s) / (time.monotonic() - began_at)
