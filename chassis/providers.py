"""What a service's methods work with, given to them by nameko: database, clock, RPC client, settings.

A container's configuration holds the service's settings under "SETTINGS"; everything here is made from them.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from nameko.extensions import DependencyProvider

from chassis import database, health, rpc
from chassis.clock import BusinessClock
from chassis.database import Database
from chassis.rpc import RpcClient


class SettingsProvider(DependencyProvider):
    """Gives the service's frozen settings."""

    def get_dependency(self, worker_ctx: Any) -> Any:
        """Return the settings object that the process was started with."""
        return self.container.config["SETTINGS"]


class DatabaseProvider(DependencyProvider):
    """Gives the service's own `Database`, the one that all of the process's parts share."""

    def setup(self) -> None:
        """Open nothing yet; connections are made when first used."""
        self._database = database.shared(self.container.config["SETTINGS"].database_url)

    def get_dependency(self, worker_ctx: Any) -> Database:
        """Return the `Database`."""
        return self._database


class ClockProvider(DependencyProvider):
    """Gives the business clock, in the business's time zone."""

    def setup(self) -> None:
        """Make the clock."""
        self._clock = BusinessClock(self.container.config["SETTINGS"].time_zone)

    def get_dependency(self, worker_ctx: Any) -> BusinessClock:
        """Return the `BusinessClock`."""
        return self._clock


class RpcProvider(DependencyProvider):
    """Gives the process's one client for calls to other services."""

    def setup(self) -> None:
        """Connect nothing yet; the client connects with its first call."""
        self._client = rpc.shared(self.container.config["SETTINGS"].broker_url)

    def get_dependency(self, worker_ctx: Any) -> RpcClient:
        """Return the `RpcClient`."""
        return self._client


class HealthProvider(DependencyProvider):
    """Gives a function that lists what keeps this service from doing its work."""

    def get_dependency(self, worker_ctx: Any) -> Callable[[], list[str]]:
        """Return the function."""
        return partial(health.problems_of, self.container)
