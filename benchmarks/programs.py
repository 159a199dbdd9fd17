"""Programs of ours as processes of their own: clients and contenders must not share an interpreter with what they
measure or compete with."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

START_TIMEOUT_S = 60


def run(module: str, *arguments: str, job: Any = None, timeout_s: float) -> Any:
    """Run `python -m module`, give it `job` as JSON and return the JSON it prints. Raises RuntimeError if it fails."""
    done = subprocess.run(
        _command(module, arguments), input=json.dumps(job), stdout=subprocess.PIPE, text=True, timeout=timeout_s
    )
    if done.returncode != 0:
        raise RuntimeError(f"{module} {' '.join(arguments[:1])} failed")
    return json.loads(done.stdout)


@contextmanager
def running(
    module: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[str]"]:
    """A program that has printed `ready`, and is killed when the block ends. `environment` is put over our own."""
    process = subprocess.Popen(
        _command(module, arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    try:
        if said(process) != "ready":
            raise RuntimeError(f"{module} {' '.join(arguments[:1])} did not start")
        yield process
    finally:
        process.kill()
        process.wait(START_TIMEOUT_S)


def said(process: "subprocess.Popen[str]") -> str:
    """The next line that the program prints; empty when it has ended."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def say_go(process: "subprocess.Popen[str]") -> None:
    """Let a program begin that waits for it."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def _command(module: str, arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", module, *arguments]
