"""Everything in one process: the five services, the gateway and the sandbox, started and stopped together."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import eventlet
import eventlet.wsgi
from kombu import Connection

from chassis import database, masking, rpc, topology
from chassis.hosting import Host, Hosted
from chassis.migrations import upgrade
from chassis.rpc import RpcClient
from chassis.settings import ServiceSettings, load
from gateway.app import create_app as create_gateway
from gateway.settings import GatewaySettings
from porchlight.embedded.home import Home
from porchlight.migrations import MIGRATIONS
from sandbox.app import create_app as create_sandbox
from sandbox.settings import Settings as SandboxSettings
from services.billing.balance.service import BalanceService
from services.billing.balance.settings import BalanceSettings
from services.billing.service import BillingService
from services.billing.settings import BillingSettings
from services.identity.service import IdentityService
from services.identity.settings import IdentitySettings
from services.notify.service import NotifyService
from services.notify.settings import NotifySettings
from services.payments.domain.webhook_types import ACTED_ON
from services.payments.service import PaymentsService
from services.payments.settings import PaymentsSettings

log = logging.getLogger(__name__)

SERVICES: tuple[tuple[type[Any], type[ServiceSettings]], ...] = (
    (IdentityService, IdentitySettings),
    (BillingService, BillingSettings),
    (BalanceService, BalanceSettings),
    (PaymentsService, PaymentsSettings),
    (NotifyService, NotifySettings),
)
BACKLOG = 128
MOST_REQUESTS = 100
READ_TIMEOUT_S = 60
STOP_GRACE_S = 30.0


class House:
    """The embedded portal. The caller holds the home's lock and has patched the process (chassis.monkey)."""

    def __init__(self, home: Home, environ: Mapping[str, str], *, portal_port: int = 0, sandbox_port: int = 0) -> None:
        self._home = home
        # Bound first, so that the addresses are known to whoever reads the settings.
        self._portal_socket = _listen(portal_port)
        self._sandbox_socket = _listen(sandbox_port)
        self.portal_url = f"http://127.0.0.1:{self._portal_socket.getsockname()[1]}"
        self.sandbox_url = f"http://127.0.0.1:{self._sandbox_socket.getsockname()[1]}"
        self.environ = home.environment(environ, portal_url=self.portal_url, sandbox_url=self.sandbox_url)
        self.rpc: RpcClient = rpc.shared(self.environ["PORCHLIGHT_BROKER_URL"])
        self._hosted = [
            Hosted(service=service, settings=load(settings_type, self.environ), migrations=MIGRATIONS[service.name])
            for service, settings_type in SERVICES
        ]
        self._host = Host(self._hosted)
        self._servers: list[Any] = []
        self._sandbox: Any = None

    @property
    def stripe_api_base(self) -> str:
        """Where card payments go: the sandbox, unless real keys are set."""
        return self.environ["STRIPE_API_BASE"]

    def start(self) -> None:
        """Migrate, declare the queues, start everything. Raises `SettingsError`, `CannotStart`."""
        gateway_settings = load(GatewaySettings, self.environ)
        for each in self._hosted:
            masking.hide_settings(each.settings)
            upgrade(each.settings.database_url, each.migrations or "")  # type: ignore[attr-defined]
        with Connection(self.environ["PORCHLIGHT_BROKER_URL"]) as connection:
            topology.declare_all(connection.default_channel)
        self._start_sandbox()
        self._host.start()
        self._serve(self._portal_socket, create_gateway(gateway_settings, self.rpc))

    def stop(self) -> None:
        """Take no more requests, let what runs finish, close everything."""
        for server in self._servers:
            server.kill()
        self._host.stop(STOP_GRACE_S)
        self.rpc.close()
        if self._sandbox is not None:
            self._sandbox.close()
        for each in self._hosted:
            database.shared(each.settings.database_url).close()  # type: ignore[attr-defined]

    def wait(self) -> None:
        """Return when stopped; raise what a service died of, if one does."""
        self._host.wait()

    def _start_sandbox(self) -> None:
        self._home.sandbox_folder.mkdir(exist_ok=True)
        settings = replace(
            SandboxSettings.from_environment({"SANDBOX_STRIPE_WEBHOOK_EVENTS": ",".join(ACTED_ON), **self.environ}),
            folder=self._home.sandbox_folder,
            public_url=self.sandbox_url,
            stripe_webhook_url=f"{self.portal_url}/webhooks/stripe",
        )
        if self.stripe_api_base.startswith(self.sandbox_url):
            settings = replace(
                settings,
                stripe_secret_key=self.environ["STRIPE_SECRET_KEY"],
                stripe_publishable_key=self.environ["STRIPE_PUBLISHABLE_KEY"],
                stripe_webhook_secret=self.environ["STRIPE_WEBHOOK_SECRET"],
            )
        app = create_sandbox(settings)
        self._sandbox = app.extensions["sandbox"]
        self._serve(self._sandbox_socket, app)

    def _serve(self, listening: Any, app: Any) -> None:
        server = eventlet.spawn(
            eventlet.wsgi.server,
            listening,
            app,
            log=logging.getLogger(f"{__name__}.wsgi"),
            log_output=False,
            max_size=MOST_REQUESTS,
            socket_timeout=READ_TIMEOUT_S,
            debug=False,
        )
        self._servers.append(server)


def _listen(port: int) -> Any:
    """A listening socket on loopback; where the port is taken, on any free one."""
    try:
        # Not shared with whoever has the port already, as eventlet would have it: each would get half the visitors.
        return eventlet.listen(("127.0.0.1", port), backlog=BACKLOG, reuse_port=False)
    except OSError:
        if port == 0:
            raise
        return eventlet.listen(("127.0.0.1", 0), backlog=BACKLOG, reuse_port=False)
