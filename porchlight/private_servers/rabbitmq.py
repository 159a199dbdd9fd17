"""A private RabbitMQ: its own node, cookie, ports and epmd, started in a few seconds, without plugins."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from amqp import Connection
from amqp.exceptions import AMQPError

from porchlight.private_servers.binaries import find_rabbitmq
from porchlight.private_servers.processes import (
    ServerError,
    free_port,
    kill_session,
    start,
    stop,
    tail,
    wait_until,
)

USER = "porchlight"
START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 30
COMMAND_TIMEOUT_S = 30

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
default_user = {user}
default_pass = {password}
log.file.level = warning
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 1GB
raft.wal_max_size_bytes = 64000000
"""

# Evaluated inside a short-lived Erlang node: runs the given expression on the server's node and prints its outcome.
# rabbitmqctl does the same in two seconds; this takes a fifth of one.
CALL = """
{{ok, Tokens, _}} = erl_scan:string("{expression}."),
{{ok, Forms}} = erl_parse:parse_exprs(Tokens),
io:format("~p", [rpc:call('{node}', erl_eval, exprs, [Forms, []], 20000)]),
halt().
"""


class RabbitMQServer:
    """A private server that can be stopped, killed and started again on the same port with the same data.

    Made by `private_rabbitmq`.
    """

    def __init__(self, *, folder: Path, script: Path) -> None:
        self.folder = folder
        self.host = "127.0.0.1"
        self.port = free_port()
        self.password = _kept_secret(folder / "password")
        self._script = script
        self._epmd_port = free_port()
        self._distribution_port = free_port()
        self._node = "porchlight@localhost"  # unique where it is known: to an epmd of its own
        self._log = folder / "rabbitmq.log"
        self._epmd: subprocess.Popen[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._write_files()

    @property
    def url(self) -> str:
        """The AMQP URL of the default virtual host."""
        return self.url_for("/")

    def url_for(self, vhost: str) -> str:
        """The AMQP URL of a virtual host."""
        path = "" if vhost == "/" else vhost
        return f"amqp://{USER}:{self.password}@{self.host}:{self.port}/{path}"

    @property
    def pid(self) -> int:
        """The broker's process id, for measuring it."""
        if self._process is None:
            raise ServerError("this RabbitMQ is not running")
        return self._process.pid

    def create_vhost(self, name: str) -> str:
        """Makes an empty virtual host, a world of queues and exchanges of its own; returns its URL. About 0.3 s."""
        everything = '<<\\".*\\">>'
        # One after the other in one call: starting Erlang is what costs.
        self._call(
            f'ok = rabbit_vhost:add(<<\\"{name}\\">>, <<\\"{USER}\\">>), '
            f'rabbit_auth_backend_internal:set_permissions(<<\\"{USER}\\">>, <<\\"{name}\\">>, '
            f'{everything}, {everything}, {everything}, <<\\"{USER}\\">>)',
            expect="{value,ok,",
        )
        return self.url_for(name)

    def start(self) -> None:
        """Starts the broker and waits until it answers. Raises ServerError when it does not."""
        if self._epmd is None:
            epmd = shutil.which("epmd")
            if epmd is None:
                raise ServerError("epmd, a part of Erlang, is not installed: apt-get install erlang-base")
            command = [epmd, "-port", str(self._epmd_port), "-address", "127.0.0.1"]
            self._epmd = start(command, log=self.folder / "epmd.log", env=self.environment())
        self._process = start(
            [self._script],
            log=self.folder / "startup.log",
            env=self.environment(),
            folder=self.folder,
            death_signal=signal.SIGKILL,
        )
        wait_until(
            self.answers,
            process=self._process,
            name="RabbitMQ",
            log=self.folder / "startup.log",
            timeout_s=START_TIMEOUT_S,
        )

    def stop(self) -> None:
        """Stops the broker as an operator would; what is durable stays for the next start."""
        if self._process is not None:
            stop(self._process, timeout_s=STOP_TIMEOUT_S)
            self._process = None

    def kill(self) -> None:
        """Ends the broker at once, without a word to its clients.

        Confirmed messages in durable queues outlive it, but not a quorum queue declared a moment before
        (`chassis.topology.SETTLES_S`).
        """
        if self._process is not None:
            kill_session(self._process)
            self._process = None

    def close(self) -> None:
        """Ends everything that `start` started, at once: the data is as safe as after `kill`."""
        self.kill()
        if self._epmd is not None:
            stop(self._epmd)
            self._epmd = None

    def answers(self) -> bool:
        """Whether a client can log in now."""
        connection = Connection(host=f"{self.host}:{self.port}", userid=USER, password=self.password, connect_timeout=5)
        try:
            connection.connect()
        except (OSError, AMQPError):
            return False
        connection.close()
        return True

    def _write_files(self) -> None:
        for name in ("data", "logs", "generated"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        _kept_secret(self.folder / ".erlang.cookie")
        configuration = CONFIGURATION.format(port=self.port, user=USER, password=self.password)
        (self.folder / "rabbitmq.conf").write_text(configuration, encoding="ascii")
        (self.folder / "enabled_plugins").write_text("[].\n", encoding="ascii")
        (self.folder / "rabbitmq-env.conf").write_text("", encoding="ascii")

    def environment(self) -> dict[str, str]:
        """Everything RabbitMQ, `rabbitmqctl` and Erlang would else take from the system or from the caller's home."""
        folder = str(self.folder)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C.UTF-8",
            "HOME": folder,
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_BASE": folder,
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/logs",
            "RABBITMQ_LOGS": str(self._log),
            "RABBITMQ_PID_FILE": f"{folder}/rabbitmq.pid",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/generated",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/advanced.config",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/rabbitmq-env.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +A 16"
            ),
            # The script then becomes the broker instead of watching over it: one process, one pid to stop or kill.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _call(self, expression: str, *, expect: str) -> None:
        code = CALL.format(expression=expression, node=self._node)
        command = ["erl", "-noinput", "-hidden", "-start_epmd", "false"]
        command += ["-sname", f"call-{secrets.token_hex(4)}@localhost", "-eval", code]
        done = subprocess.run(
            command,
            env=self.environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
        )
        if expect not in done.stdout:
            raise ServerError(f"RabbitMQ refused {expression}: {done.stdout} {done.stderr} {tail(self._log)}")


def _kept_secret(file: Path) -> str:
    """The secret in `file`, made the first time, so that a folder can be used again."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24), encoding="ascii")
        file.chmod(0o400)
    return file.read_text(encoding="ascii")


@contextlib.contextmanager
def private_rabbitmq(folder: Path | None = None) -> Iterator[RabbitMQServer]:
    """Runs a RabbitMQ of one's own on free ports until the block ends.

    `folder` keeps its files (a folder used before is used on, with its queues); None makes a temporary one, removed at
    the end. Raises ServerError where RabbitMQ is not
    installed or does not start.
    """
    script = find_rabbitmq()
    if script is None:
        raise ServerError("RabbitMQ is not installed: apt-get install rabbitmq-server")
    with contextlib.ExitStack() as cleanup:
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="porchlight-rabbitmq-"))
            cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        server = RabbitMQServer(folder=folder.resolve(), script=script)
        cleanup.callback(server.close)
        server.start()
        yield server
