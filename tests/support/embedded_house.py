"""The embedded portal as a process of its own: `porchlight demo` on one folder and always the same two ports."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests

from chassis.rpc import DEFAULT_TIMEOUT_S
from contracts import codes
from contracts.wire import Command, Refused
from porchlight.connection import Services
from porchlight.embedded.doorway import Visitor
from porchlight.embedded.home import Home
from porchlight.private_servers import processes
from tests.support.processes import ROOT

HOUSE = "everything"
"""Its one process."""

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 60.0

Answer = TypeVar("Answer")


class House:
    """One process in which everything is: each name of a service means it."""

    def __init__(self, folder: Path) -> None:
        self._home = Home(folder / "home")
        self._log = folder / "house.log"
        self._ports = {"gateway": processes.free_port(), "sandbox": processes.free_port()}
        self._process: subprocess.Popen[bytes] | None = None
        self._said_before = 0
        environ = self._home.environment({}, portal_url=self.url("gateway"), sandbox_url=self.url("sandbox"))
        self.variables: Mapping[str, str] = environ
        self.services = Services(caller=_Knocking(self._home.socket), environ=environ)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    def environment(self, name: str) -> dict[str, str]:
        databases = {key: value for key, value in self.variables.items() if key.endswith("_DATABASE_URL")}
        return {"PORCHLIGHT_HOME": str(self._home.folder), **databases}

    def log(self, name: str) -> Path:
        return self._log

    def pid(self, name: str) -> int:
        assert self._process is not None
        return self._process.pid

    def is_ready(self, name: str) -> bool:
        """Whether it has said where everything is, which it does last, and its door and its pages answer."""
        try:
            answer = requests.get(f"{self.url('gateway')}/readyz", timeout=READY_TIMEOUT_S)
        except requests.RequestException:
            return False
        return answer.status_code == 200 and "Ready after" in self._said()

    def launch(self) -> None:
        """Start, without waiting."""
        self._said_before = len(self._log.read_bytes()) if self._log.exists() else 0
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORCHLIGHT_", "STRIPE_"))}
        ports = ["--port", str(self._ports["gateway"]), "--sandbox-port", str(self._ports["sandbox"])]
        self._process = processes.start(
            [sys.executable, "-u", "-m", "porchlight", "demo", *ports],
            log=self._log,
            env={**kept, "PORCHLIGHT_LOG_FORMAT": "json", **self.environment(HOUSE)},
            folder=ROOT,
        )

    def start(self, *names: str) -> None:
        self.launch()
        assert self._process is not None
        processes.wait_until(
            lambda: self.is_ready(HOUSE), process=self._process, name="demo", log=self._log, timeout_s=READY_TIMEOUT_S
        )

    def stop(self, *names: str) -> None:
        """SIGTERM; fails when it does not end well."""
        assert self._process is not None
        code = processes.stop(self._process, timeout_s=STOP_TIMEOUT_S)
        assert code == 0, f"stopped with code {code}:\n{self._said()}"
        assert self._said().rstrip().endswith("stopped"), self._said()

    def kill(self, name: str) -> None:
        assert self._process is not None
        processes.kill_session(self._process)

    def _said(self) -> str:
        """What the process has printed since it was started last."""
        return self._log.read_bytes()[self._said_before :].decode()


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """A running one, killed when the block ends."""
    running = House(folder)
    running.start()
    try:
        yield running
    finally:
        running.kill(HOUSE)


class _Knocking:
    """Goes through the door once for each call: the process behind it comes and goes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def call(self, command: Command[Answer], timeout_s: float = DEFAULT_TIMEOUT_S) -> Answer:
        try:
            visitor = Visitor(self._path)
        except OSError as error:
            raise Refused(codes.UNAVAILABLE, "Nobody is at home.") from error
        with closing(visitor):
            return visitor.call(command, timeout_s)

    def gather(self, commands: Mapping[str, Command[Any]], timeout_s: float = DEFAULT_TIMEOUT_S) -> dict[str, Any]:
        try:
            visitor = Visitor(self._path)
        except OSError:
            return {name: Refused(codes.UNAVAILABLE, "Nobody is at home.") for name in commands}
        with closing(visitor):
            return visitor.gather(commands, timeout_s)
