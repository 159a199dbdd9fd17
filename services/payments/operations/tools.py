"""What the operations work with, put together once at start."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from chassis.clock import BusinessClock, SystemClock
from chassis.database import Database
from contracts.wire import Command
from services.payments.clients.provider import PaymentProvider

Answer = TypeVar("Answer")


class Caller(Protocol):
    """Asks other services. Raises Refused, with `unavailable` when nobody answers in time."""

    def call(self, command: Command[Answer], timeout_s: float = ...) -> Answer:
        """Return the answer to a command."""
        ...


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The own database, the provider, the other services, the two clocks and the deployment's currency."""

    database: Database
    provider: PaymentProvider
    services: Caller
    business_clock: BusinessClock
    system_clock: SystemClock
    currency: str
