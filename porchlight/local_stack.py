"""Runs what docker-compose.yml describes without Docker: its commands as local processes, on private servers.

`porchlight up` and the end-to-end tests are built on it, so the file they start from is the one that is deployed.
Only addresses change: every `host:port` of the file becomes a free port of the loopback interface.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from porchlight.compose import ComposeError, Composition, LocalAddresses, Service, interpolated, read
from porchlight.private_servers import PostgresServer, RabbitMQServer, ServerError, private_postgres, private_rabbitmq
from porchlight.private_servers.processes import free_port, kill_session, start, tail, wait_until

COMPOSE_FILE = Path(__file__).resolve().parent.parent / "docker-compose.yml"
READY_TIMEOUT_S = 90
JOB_TIMEOUT_S = 120
HEALTH_TIMEOUT_S = 4
SECRETS = (
    "POSTGRES_PASSWORD",
    "IDENTITY_DB_PASSWORD",
    "BILLING_DB_PASSWORD",
    "BALANCE_DB_PASSWORD",
    "PAYMENTS_DB_PASSWORD",
    "NOTIFY_DB_PASSWORD",
    "PORCHLIGHT_SECRET_KEY",
    "PORCHLIGHT_LINK_SECRET",
    "PORCHLIGHT_UNSUBSCRIBE_SECRET",
)


class LocalStack:
    """The file's processes on this machine. Made by `local_stack`; every method takes the file's service names."""

    def __init__(
        self,
        *,
        composition: Composition,
        addresses: LocalAddresses,
        variables: Mapping[str, str],
        folder: Path,
        rabbitmq: RabbitMQServer,
        postgres: PostgresServer,
    ) -> None:
        self.composition = composition
        self.rabbitmq = rabbitmq
        self.postgres = postgres
        self.variables = dict(variables)
        self.folder = folder
        self._addresses = addresses
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def url(self, name: str) -> str:
        """Where a service that speaks HTTP is reached: `http://127.0.0.1:port`, by its first exposed port."""
        service = self.composition.services[name]
        return f"http://127.0.0.1:{self._addresses.of(name, service.ports[0])}"

    def environment(self, name: str) -> dict[str, str]:
        """What the service is started with, filled in: for a command that should see what the service sees."""
        return self._addresses.environment(self.composition.services[name], self.variables)

    def log(self, name: str) -> Path:
        """The file that everything the service prints goes to."""
        return self.folder / f"{name}.log"

    def pid(self, name: str) -> int:
        """The process id of a running service; of gunicorn's first process for one that it serves."""
        return self._running[name].pid

    @property
    def running(self) -> list[str]:
        """The services whose process lives, in the order they were started."""
        return [name for name, process in self._running.items() if process.poll() is None]

    def copy_of(self, name: str) -> str:
        """The name of a second copy of a service, with ports of its own; `start` starts it as any other."""
        copy = f"{name}-2"
        if copy not in self.composition.services:
            service = replace(self.composition.services[name], name=copy)
            self.composition = replace(self.composition, services={**self.composition.services, copy: service})
            ports = {(copy, port): free_port() for port in service.ports}
            self._addresses = replace(self._addresses, ports={**self._addresses.ports, **ports})
        return copy

    def run_job(self, name: str) -> None:
        """Starts a service that ends by itself and waits for it. Raises ServerError when it fails."""
        process = self._process(self.composition.services[name])
        try:
            code = process.wait(JOB_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            kill_session(process)
            raise ServerError(f"{name} did not end within {JOB_TIMEOUT_S} s:\n{tail(self.log(name))}") from None
        if code != 0:
            raise ServerError(f"{name} failed with code {code}:\n{tail(self.log(name))}")

    def start(self, *names: str) -> None:
        """Starts services at once and waits until each is ready by the file's health check. Raises ServerError."""
        for name in names:
            if name in self.running:
                raise ServerError(f"{name} already runs")
            self._running[name] = self._process(self.composition.services[name])
        for name in names:
            self.wait_until_ready(name)

    def wait_until_ready(self, name: str) -> None:
        """Returns once the service's health check answers 200. Raises ServerError when it ends or takes too long."""
        wait_until(
            lambda: self.is_ready(name),
            process=self._running[name],
            name=name,
            log=self.log(name),
            timeout_s=READY_TIMEOUT_S,
        )

    def is_ready(self, name: str) -> bool:
        """Whether the service's health check answers 200 now."""
        service = self.composition.services[name]
        if service.health_port is None:
            raise ComposeError(f"{name} has no health check over HTTP")
        url = f"http://127.0.0.1:{self._addresses.of(name, service.health_port)}{service.health_path}"
        try:
            with urllib.request.urlopen(url, timeout=HEALTH_TIMEOUT_S) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, *names: str) -> None:
        """Asks services to stop, all at once, and waits as long as the file's grace period; kills what remains."""
        asked = [name for name in names if name in self.running]
        for name in asked:
            self._running[name].send_signal(signal.SIGTERM)
        deadlines = {name: time.monotonic() + self.composition.services[name].stop_grace_s for name in asked}
        for name in asked:
            process = self._running.pop(name)
            try:
                process.wait(max(0.0, deadlines[name] - time.monotonic()))
            except subprocess.TimeoutExpired:
                kill_session(process)

    def kill(self, name: str) -> None:
        """Ends a service and its children at once, as a power cut would. `start` starts it again."""
        kill_session(self._running.pop(name))

    def stop_all(self) -> None:
        """Stops every service; the servers stay."""
        self.stop(*self.running)

    def _process(self, service: Service) -> subprocess.Popen[bytes]:
        program, *arguments = service.command
        # The file's commands are found in the environment that runs this, as in the image.
        path = Path(sys.executable).with_name(program)
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            **self.environment(service.name),
        }
        return start(
            [path if path.exists() else program, *arguments],
            log=self.log(service.name),
            env=environment,
            folder=self.composition.folder,
        )


@contextlib.contextmanager
def local_stack(
    folder: Path,
    *,
    variables: Mapping[str, str] | None = None,
    profiles: Iterable[str] = ("sandbox",),
    ports: Mapping[tuple[str, int], int] | None = None,
    durable: bool = False,
) -> Iterator[LocalStack]:
    """Starts private servers, the migration and every service of docker-compose.yml; stops them when the block ends.

    `folder` gets a log per process. `variables` are what .env would hold; what they leave out is made up for the
    sandbox (secrets at random). `ports` fixes local ports by (service, port in the file), such as
    {("gateway", 8000): 8000}; the others are free ones. Raises ServerError or ComposeError, with everything stopped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    composition = read(COMPOSE_FILE)
    wanted = set(profiles)
    chosen = {
        name
        for name, service in composition.services.items()
        if service.built and (not service.profiles or wanted & set(service.profiles))
    }
    with contextlib.ExitStack() as cleanup:
        postgres = cleanup.enter_context(private_postgres(durable=durable))
        rabbitmq = cleanup.enter_context(private_rabbitmq())
        fixed = {("rabbitmq", 5672): rabbitmq.port, ("postgres", 5432): postgres.port, **(ports or {})}
        addresses = LocalAddresses(
            ports={place: fixed.get(place) or free_port() for place in composition.ports()},
        )
        filled = {
            **sandbox_variables(portal_port=addresses.of("gateway", 8000), sandbox_port=addresses.of("sandbox", 8020)),
            **(variables or {}),
            "RABBITMQ_PASSWORD": rabbitmq.password,
        }
        _make_databases(composition, postgres, filled)
        stack = LocalStack(
            composition=composition,
            addresses=addresses,
            variables=filled,
            folder=folder,
            rabbitmq=rabbitmq,
            postgres=postgres,
        )
        cleanup.callback(stack.stop_all)
        order = composition.start_order(chosen)
        jobs = [name for name in order if composition.services[name].health_port is None]
        for name in jobs:
            stack.run_job(name)
        stack.start(*(name for name in order if name not in jobs))
        yield stack


def sandbox_variables(*, portal_port: int, sandbox_port: int) -> dict[str, str]:
    """What .env holds where the sandbox stands in for Stripe, Twilio and the mail server; every secret new."""
    browser = f"http://127.0.0.1:{sandbox_port}"
    return {
        **{name: secrets.token_urlsafe(24) for name in SECRETS},
        "PORCHLIGHT_PORTAL_URL": f"http://127.0.0.1:{portal_port}",
        "PORCHLIGHT_PROXY_COUNT": "0",
        "PORCHLIGHT_BUSINESS_NAME": "Green Acres Lawn",
        "PORCHLIGHT_BUSINESS_EMAIL": "office@greenacres.example",
        "PORCHLIGHT_BUSINESS_PHONE": "(555) 010-0142",
        "PORCHLIGHT_BUSINESS_ADDRESS": "14 Elm Street, Springfield, IL 62701",
        "PORCHLIGHT_MAIL_URL": "mailbox+http://sandbox:8020/mailbox/messages",
        "PORCHLIGHT_MAIL_FROM": "Green Acres Lawn <office@greenacres.example>",
        "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(12)}",
        "STRIPE_PUBLISHABLE_KEY": f"pk_test_{secrets.token_hex(12)}",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(16)}",
        "STRIPE_API_BASE": "http://sandbox:8020/stripe",
        "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_MESSAGING_SERVICE_SID": f"MG{secrets.token_hex(16)}",
        "TWILIO_API_BASE": "http://sandbox:8020",
        "STRIPE_BROWSER_API_BASE": f"{browser}/stripe",
        "STRIPE_JS_URL": f"{browser}/stripe/js/v3/",
        "SANDBOX_PUBLIC_URL": browser,
    }


def _make_databases(composition: Composition, postgres: PostgresServer, variables: Mapping[str, str]) -> None:
    """As PostgreSQL's image does: the script that the file mounts, with the environment that the file gives."""
    environment = {
        name: interpolated(value, variables) for name, value in composition.services["postgres"].environment.items()
    }
    postgres.run_script(composition.folder / "deploy/postgres/databases.sql", environment)
