"""Services as processes of their own, as they run in production, over a test's own broker and databases."""

import os
import subprocess
import sys
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
