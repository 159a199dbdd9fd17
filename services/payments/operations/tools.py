"""What the operations work with, put together once at start."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from chassis.clock import BusinessClock, SystemClock
from chassis.database import Database
from contracts.wire import Command
from services.payments.clients.provider import PaymentProvider
from services.payments.domain.charge_dates import ChargeRules
from services.payments.domain.present import Present

Answer = TypeVar("Answer")


class Caller(Protocol):
    """Asks other services. Raises Refused, with `unavailable` when nobody answers in time."""

    def call(self, command: Command[Answer], timeout_s: float = ...) -> Answer:
        """Return the answer to a command."""
        ...


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The own database, the provider, the other services, the two clocks, the deployment's currency, and when auto-pay
    charges.
    """

    database: Database
    provider: PaymentProvider
    services: Caller
    business_clock: BusinessClock
    system_clock: SystemClock
    currency: str
    charge_rules: ChargeRules

    def present(self, session: Session) -> Present:
        """The business's present as this transaction sees it."""
        now = self.business_clock.now(session)
        return Present(
            now=now,
            today=self.business_clock.date_of(now),
            system_now=self.system_clock.now(),
            rules=self.charge_rules,
            currency=self.currency,
        )
