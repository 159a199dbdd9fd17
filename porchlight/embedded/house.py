"""Everything in one process: the five services, the gateway and the sandbox, started and stopped together."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kombu import Connection

from chassis import database, masking, rpc, topology
from chassis.hosting import Host, Hosted
from chassis.migrations import upgrade
from chassis.rpc import RpcClient
from chassis.settings import ServiceSettings, load
from gateway.app import create_app as create_gateway
from gateway.settings import GatewaySettings
from porchlight.embedded.home import Home
from porchlight.embedded.site import Site
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

SERVICES: tuple[tuple[type[Any], type[ServiceSettings]], ...] = (
    (IdentityService, IdentitySettings),
    (BillingService, BillingSettings),
    (BalanceService, BalanceSettings),
    (PaymentsService, PaymentsSettings),
    (NotifyService, NotifySettings),
)
STOP_GRACE_S = 30.0
LEAST_GRACE_S = 2.0


class House:
    """The embedded portal. The caller holds the home's lock and has patched the process (chassis.monkey)."""

    def __init__(self, home: Home, environ: Mapping[str, str], *, portal_port: int = 0, sandbox_port: int = 0) -> None:
        self._home = home
        # Bound first, so that the addresses are known to whoever reads the settings.
        self._portal = Site(portal_port)
        self._sandbox_site = Site(sandbox_port)
        self.portal_url = self._portal.url
        self.sandbox_url = self._sandbox_site.url
        self.environ = home.environment(environ, portal_url=self.portal_url, sandbox_url=self.sandbox_url)
        self.rpc: RpcClient = rpc.shared(self.environ["PORCHLIGHT_BROKER_URL"])
        self._hosted = [
            Hosted(service=service, settings=load(settings_type, self.environ), migrations=MIGRATIONS[service.name])
            for service, settings_type in SERVICES
        ]
        self._host = Host(self._hosted)
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
        self._portal.serve(create_gateway(gateway_settings, self.rpc))

    def stop(self) -> None:
        """Take no more requests, let what runs finish, close everything."""
        # From the outside inwards: whoever has asked gets an answer, and what that takes is there until then, the
        # stand-in for Stripe too.
        give_up_at = time.monotonic() + STOP_GRACE_S
        self._portal.stop(STOP_GRACE_S)
        self._host.stop(max(LEAST_GRACE_S, give_up_at - time.monotonic()))
        self.rpc.close()
        self._sandbox_site.stop(LEAST_GRACE_S)
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
            twilio_inbound_url=f"{self.portal_url}/webhooks/twilio/messages",
        )
        if self.environ.get("TWILIO_API_BASE") == self.sandbox_url:
            settings = replace(
                settings,
                twilio_account_sid=self.environ["TWILIO_ACCOUNT_SID"],
                twilio_auth_token=self.environ["TWILIO_AUTH_TOKEN"],
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
        self._sandbox_site.serve(app)
