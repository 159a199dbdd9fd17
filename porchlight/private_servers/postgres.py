"""A private PostgreSQL: started in about a second, with a database and a role for whoever asks."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psycopg2
from psycopg2 import sql

from porchlight.private_servers.binaries import find_postgres
from porchlight.private_servers.processes import ServerError, free_port, start, stop, user_group, wait_until

SUPERUSER = "postgres"
START_TIMEOUT_S = 60
SCRIPT_TIMEOUT_S = 60
# PostgreSQL refuses to run as root; the first of these that the machine has runs it then.
USERS_FOR_ROOT = ("postgres", "nobody")
# What makes a database survive a power cut, and what tests do without. Each commit is still written before it is
# answered (synchronous_commit), so that a crash of the server alone loses none.
NOT_DURABLE = ("fsync=off", "full_page_writes=off")


class PostgresServer:
    """A private server on `host`:`port` that can be stopped, killed and started again with the same data.

    Made by `private_postgres`.
    """

    def __init__(self, *, binaries: Path, folder: Path, user: str | None, settings: Sequence[str]) -> None:
        self.host = "127.0.0.1"
        self.port = free_port()
        self._binaries = binaries
        self._folder = folder
        self._user = user
        self._settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", f"port={self.port}", *settings)
        self._passwords = {SUPERUSER: _initialised(folder, binaries, user)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server and waits until it answers. Raises ServerError when it does not."""
        command = [str(self._binaries / "postgres"), "-D", str(self._folder / "data")]
        for setting in self._settings:
            command += ["-c", setting]
        log = self._folder / "postgres.log"
        # SIGINT is PostgreSQL's fast shutdown: it disconnects its clients instead of waiting for them.
        self._process = start(
            command, log=log, env=_environment(), folder=self._folder, user=self._user, death_signal=signal.SIGINT
        )
        wait_until(self.answers, process=self._process, name="PostgreSQL", log=log, timeout_s=START_TIMEOUT_S)

    def stop(self) -> None:
        """Stops the server as an operator would. Safe to repeat."""
        if self._process is not None:
            stop(self._process, by=signal.SIGINT)
            self._process = None

    def kill(self) -> None:
        """Ends the server and its sessions at once, in the midst of what they do; what was committed stays."""
        if self._process is not None:
            # Its "immediate shutdown": no more is written, and the next start recovers as after a crash. SIGKILL would
            # leave the sessions, each in a process group of its own, in the way of that start.
            stop(self._process, by=signal.SIGQUIT)
            self._process = None

    def url_for(self, database: str, *, role: str = SUPERUSER) -> str:
        """The SQLAlchemy URL of a database for a role that `create_database` made (or the superuser)."""
        return f"postgresql+psycopg2://{role}:{self._passwords[role]}@{self.host}:{self.port}/{database}"

    def create_database(self, name: str, *, role: str | None = None, template: str | None = None) -> str:
        """Makes a database, owned by `role` (made too where it is new), as a copy of `template` where one is named;
        returns its URL. A template must have no connection open. About 30 ms.
        """
        with self._administration() as cursor:
            if role is not None and role not in self._passwords:
                self._passwords[role] = secrets.token_urlsafe(18)
                cursor.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(self._passwords[role])
                    )
                )
            owner = role or SUPERUSER
            cursor.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(owner), sql.Identifier(template or "template0")
                )
            )
            # As in deploy/postgres: a role reaches the database it owns and no other.
            cursor.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        return self.url_for(name, role=owner)

    def drop_database(self, name: str) -> None:
        """Removes a database, closing what is connected to it."""
        with self._administration() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def run_script(self, script: Path, variables: Mapping[str, str]) -> None:
        """Runs a psql script as the superuser, with `variables` in psql's environment. Raises ServerError with psql's
        words where a statement fails."""
        command = [
            str(self._binaries / "psql"),
            "--no-psqlrc",
            "--quiet",
            "--set",
            "ON_ERROR_STOP=1",
            "--file",
            str(script),
        ]
        command += ["--host", self.host, "--port", str(self.port), "--username", SUPERUSER, "--dbname", "postgres"]
        environment = {**_environment(), **variables, "PGPASSWORD": self._passwords[SUPERUSER]}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SCRIPT_TIMEOUT_S)
        if done.returncode != 0:
            raise ServerError(f"{script.name} failed: {done.stderr}")

    @contextlib.contextmanager
    def _administration(self) -> Iterator["psycopg2.extensions.cursor"]:
        with contextlib.closing(self._connect()) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor

    def _connect(self) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host=self.host,
            port=self.port,
            user=SUPERUSER,
            password=self._passwords[SUPERUSER],
            dbname="postgres",
            connect_timeout=5,
        )

    def answers(self) -> bool:
        """Whether it accepts connections now."""
        try:
            self._connect().close()
        except psycopg2.OperationalError:
            return False
        return True


@contextlib.contextmanager
def private_postgres(
    folder: Path | None = None, *, durable: bool = False, max_connections: int = 200
) -> Iterator[PostgresServer]:
    """Runs a PostgreSQL of one's own on a free port until the block ends.

    `folder` keeps its files (a folder used before is used on, with its data); None makes a temporary one, removed at
    the end. `durable` switches on what makes commits survive a power cut; a crash of the server alone loses nothing
    either way. Raises ServerError where PostgreSQL is not installed or does not start. As root it runs as `postgres`
    or `nobody`, who must be able to reach the folder.
    """
    binaries = find_postgres()
    if binaries is None:
        raise ServerError("PostgreSQL is not installed: apt-get install postgresql")
    user = _user_for_root() if os.geteuid() == 0 else None
    with contextlib.ExitStack() as cleanup:
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="porchlight-postgres-"))
            cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        if user:
            shutil.chown(folder, user)
            _require_reachable(folder, user)
        settings = [
            f"max_connections={max_connections}",
            "shared_buffers=128MB",
            "log_min_messages=warning",
            *(() if durable else NOT_DURABLE),
        ]
        server = PostgresServer(binaries=binaries, folder=folder, user=user, settings=settings)
        cleanup.callback(server.stop)
        server.start()
        yield server


def _initialised(folder: Path, binaries: Path, user: str | None) -> str:
    """Makes the data folder where there is none; returns the superuser's password, which it keeps in the folder."""
    password_file = folder / "superuser-password"
    if not (folder / "data" / "PG_VERSION").exists():
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
        if user:
            shutil.chown(password_file, user)
        log = folder / "initdb.log"
        command = [str(binaries / "initdb"), "-D", str(folder / "data")]
        command += ["--username", SUPERUSER, "--pwfile", str(password_file)]
        # Order by code point, on every machine the same, and the same as SQLite's.
        command += ["--auth=scram-sha-256", "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync", "--no-instructions"]
        process = start(command, log=log, env=_environment(), folder=folder, user=user)
        if process.wait(START_TIMEOUT_S) != 0:
            shutil.rmtree(folder / "data", ignore_errors=True)
            raise ServerError(f"initdb failed:\n{log.read_text(encoding='utf-8', errors='replace')}")
    return password_file.read_text(encoding="ascii")


def _environment() -> dict[str, str]:
    """The machine's PATH and nothing else: no PGDATA, PGPORT or locale of the caller's."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _user_for_root() -> str:
    import pwd  # not on every platform; only root on Linux comes here

    names = {entry.pw_name for entry in pwd.getpwall()}
    for name in USERS_FOR_ROOT:
        if name in names:
            return name
    raise ServerError("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")


def _require_reachable(folder: Path, user: str) -> None:
    """A folder under /root, say, is closed to every other user."""
    probe = ["setpriv", "--reuid", user, "--regid", user_group(user), "--clear-groups", "--", "test", "-w", str(folder)]
    if subprocess.run(probe, capture_output=True, cwd="/").returncode != 0:
        raise ServerError(
            f"PostgreSQL runs as the user {user} here, who cannot write to {folder}; choose another folder"
        )
