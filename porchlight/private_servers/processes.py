"""Child processes that end with their parent, however that ends, and ports that nobody else takes meanwhile."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# Below the range from which Linux gives ports to outgoing connections (32768 and up): a port found free here is not
# taken by somebody's client a moment later.
PORT_RANGE = range(15000, 32000)
POLL_S = 0.02
LOG_TAIL_LINES = 15


class ServerError(RuntimeError):
    """A private server is not installed, did not start or died; the message says which and ends with its log's tail."""


def is_free(port: int) -> bool:
    """Whether nothing listens on this port of the loopback interface, at this moment."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A TCP port of the loopback interface on which nothing listens now."""
    for port in random.sample(PORT_RANGE, k=200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerError("no free port between 15000 and 32000")


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: str | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts `command` in a session of its own, its output appended to `log`, as `user` when one is named (root only).

    The kernel sends it `death_signal` when the thread that called this ends, so nothing is left behind by a parent
    that was killed; call it from a thread that lives as long as the process should. (The session of its own keeps a
    Ctrl-C in the terminal from reaching it before its users have stopped.)
    """
    leash: list[str] = []
    setpriv = shutil.which("setpriv")
    if setpriv:
        leash = [setpriv, "--pdeathsig", death_signal.name]
        if user:
            leash += ["--reuid", user, "--regid", user_group(user), "--clear-groups"]
        leash.append("--")
    elif user:
        raise ServerError(f"setpriv (util-linux) is needed to run {command[0]} as {user}")
    with log.open("ab") as output:
        return subprocess.Popen(
            [*leash, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=folder,
            start_new_session=True,
        )


def user_group(user: str) -> str:
    """The number of the user's own group."""
    import pwd  # not on every platform; only root on Linux comes here

    return str(pwd.getpwnam(user).pw_gid)


def stop(process: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM, timeout_s: float = 20) -> int:
    """Asks the process to end, waits, kills it when it does not; returns its exit code. Safe to repeat."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait(timeout_s)


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """Kills the process and what it started, at once, as a power cut would."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)


def wait_until(
    ready: Callable[[], bool], *, process: subprocess.Popen[bytes], name: str, log: Path, timeout_s: float
) -> None:
    """Returns once `ready()`; raises ServerError when the process ends or the time is over first."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        code = process.poll()
        if code is not None:
            raise ServerError(f"{name} ended with code {code} while starting:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise ServerError(f"{name} was not ready within {timeout_s:.0f} s:\n{tail(log)}")
        time.sleep(POLL_S)


def tail(log: Path) -> str:
    """The last lines of a log, for an error message."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"({log}: {error.strerror})"
    return "\n".join(text.splitlines()[-LOG_TAIL_LINES:])
