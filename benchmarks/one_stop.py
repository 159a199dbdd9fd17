"""The page made from one call: a service that answers all of the dashboard's questions in its own process.

It is what the dashboard would be if one service owned everything. The questions are answered by the services' own
methods, on their own databases.
"""

from collections.abc import Mapping
from typing import Any

from chassis import database
from chassis.clock import BusinessClock
from chassis.serving import answers
from chassis.settings import ServiceSettings, load
from contracts.balance import AccountView, GetAccount
from contracts.billing import AmountDue, GetAmountDue
from contracts.identity import CheckSession, SessionView
from contracts.payments import ListPayments, PaymentPage
from contracts.wire import Command, View
from services.billing.balance.service import BalanceService
from services.billing.balance.settings import BalanceSettings
from services.billing.service import BillingService
from services.billing.settings import BillingSettings
from services.identity.service import IdentityService
from services.identity.settings import IdentitySettings
from services.payments.service import PaymentsService
from services.payments.settings import PaymentsSettings

SERVICES: tuple[tuple[Any, type[ServiceSettings]], ...] = (
    (IdentityService, IdentitySettings),
    (BillingService, BillingSettings),
    (BalanceService, BalanceSettings),
    (PaymentsService, PaymentsSettings),
)


class DashboardView(View):
    """The answers to `ReadDashboard`, under the names of its questions."""

    session: SessionView
    account: AccountView
    due: AmountDue
    payments: PaymentPage


class ReadDashboard(Command[DashboardView]):
    """Everything that the dashboard asks."""

    session: CheckSession
    account: GetAccount
    due: GetAmountDue
    payments: ListPayments


class Methods:
    """The services' methods, called without a broker. `environ` holds every service's settings."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._services = {service.name: _made(service, load(settings, environ)) for service, settings in SERVICES}

    def call(self, command: Command[Any]) -> Any:
        """The answer of the command's own method. Raises Refused."""
        return getattr(self._services[command.service], command.method)(command)


class OneStopService:
    """Answers for four services."""

    name = "one_stop"
    methods: Methods

    @answers(ReadDashboard)
    def read_dashboard(self, command: ReadDashboard) -> DashboardView:
        """Ask them one after the other, in this process."""
        return DashboardView(
            session=self.methods.call(command.session),
            account=self.methods.call(command.account),
            due=self.methods.call(command.due),
            payments=self.methods.call(command.payments),
        )


def _made(service: Any, settings: Any) -> Any:
    """A service with what nameko would give its workers."""
    made = service()
    made.settings = settings
    made.db = database.shared(settings.database_url)
    made.clock = BusinessClock(settings.time_zone)
    return made
