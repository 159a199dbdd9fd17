"""How the command reaches the services: over the broker, through a running process, or by starting them itself."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from chassis.drained import drained
from contracts.identity import GetBusinessClock
from contracts.notify import CountDeliveries
from contracts.wire import Command

DRAIN_TIMEOUT_S = 300.0
CONNECT_TIMEOUT_S = 10.0
MAIL_PATIENCE_S = 20.0
CALL_TIMEOUT_S = 60.0

Answer = TypeVar("Answer")


class Caller(Protocol):
    """Whatever can call services."""

    def call(self, command: Command[Answer], timeout_s: float = ...) -> Answer:
        """Return the service's answer or raise its Refused."""

    def gather(self, commands: Mapping[str, Command[Any]], timeout_s: float = ...) -> dict[str, Any]:
        """Return each answer, or the Refused in its place."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """The services, and what the command needs to know of their settings."""

    caller: Caller
    environ: Mapping[str, str]

    @property
    def currency(self) -> str:
        return self.environ.get("PORCHLIGHT_CURRENCY") or "USD"

    @property
    def locale(self) -> str:
        return self.environ.get("PORCHLIGHT_LOCALE") or "en_US"

    @property
    def time_zone(self) -> ZoneInfo:
        """The zone that decides which day it is for the business."""
        return ZoneInfo(self.environ.get("PORCHLIGHT_BUSINESS_TIME_ZONE") or "America/New_York")

    def today(self) -> date:
        """The business's today, by its own clock."""
        now = self.caller.call(GetBusinessClock(), timeout_s=CALL_TIMEOUT_S).now
        return now.astimezone(self.time_zone).date()

    def settle(self) -> None:
        """Return when every event has been handled everywhere. Raises `NotDrained`."""
        drained(self.caller, timeout_s=DRAIN_TIMEOUT_S)

    def wait_for_mail(self) -> None:
        """Return when no message waits to be sent, or after a while: one that cannot be delivered is tried later."""
        give_up_at = time.monotonic() + MAIL_PATIENCE_S
        while self.caller.call(CountDeliveries(), timeout_s=CALL_TIMEOUT_S).get("queued"):
            if time.monotonic() > give_up_at:
                return
            time.sleep(0.1)


def is_distributed(environ: Mapping[str, str]) -> bool:
    """Whether a broker is named: then its services are used, else those in the folder PORCHLIGHT_HOME."""
    return bool(environ.get("PORCHLIGHT_BROKER_URL"))


@contextmanager
def connected(environ: Mapping[str, str]) -> Iterator[Services]:
    """The services of this mode. Raises `BrokerUnreachable`, `CannotStart`, `SettingsError`."""
    with _distributed(environ) if is_distributed(environ) else _embedded(environ) as services:
        yield services


@contextmanager
def _distributed(environ: Mapping[str, str]) -> Iterator[Services]:
    from chassis.rpc import RpcClient

    client = RpcClient(environ["PORCHLIGHT_BROKER_URL"])
    client.connect(CONNECT_TIMEOUT_S)
    try:
        yield Services(caller=client, environ=environ)
    finally:
        client.close()


@contextmanager
def _embedded(environ: Mapping[str, str]) -> Iterator[Services]:
    # Imported here: the distributed command has no use for the services' code.
    from chassis.signals import interrupted_here
    from porchlight.embedded.doorway import Visitor
    from porchlight.embedded.home import Home, HomeInUse
    from porchlight.embedded.house import House

    home = Home.named_in(environ)
    try:
        lock = home.lock()
    except HomeInUse:
        visitor = Visitor(home.socket)
        try:
            yield Services(caller=visitor, environ=home.environment(environ, portal_url="", sandbox_url=""))
        finally:
            visitor.close()
        return
    with lock, interrupted_here():
        house = House(home, environ)
        house.start()
        try:
            services = Services(caller=house.rpc, environ=house.environ)
            yield services
            # Nobody is there to go on with it once this process ends.
            services.settle()
            services.wait_for_mail()
        finally:
            house.stop()
