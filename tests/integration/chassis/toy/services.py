"""The toy services, and a program that runs some of them in one process until it is ended."""

import json
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nameko.extensions import DependencyProvider
from sqlalchemy import func, select, update

from chassis.container import Container
from chassis.listening import RETRY_POLICY_CONFIG_KEY, listens
from chassis.parked import RetryPolicy
from chassis.providers import DatabaseProvider
from chassis.relay import OutboxRelay
from chassis.working import wake, works
from contracts.wire import Envelope
from tests.integration.chassis.toy import database
from tests.integration.chassis.toy.shop import Opened, Sold

LISTENERS = {"books": (Sold, Opened), "post": (Sold,)}
LISTENERS_WITH_MILL = {"mill": (Opened,)}


@dataclass(frozen=True)
class Settings:
    broker_url: str
    database_url: str


class Folder(DependencyProvider):
    """Gives a folder outside of any transaction, in which tries leave traces."""

    def get_dependency(self, worker_ctx: Any) -> Path:
        return Path(self.container.config["FOLDER"])


class Listener:
    name: str
    folder = Folder()

    def _sold(self, session: Any, event: Sold, envelope: Envelope) -> None:
        tries = self.folder / f"{self.name}-{event.number}"
        with tries.open("a") as file:
            file.write("x")
        if event.kills:
            os.kill(os.getpid(), signal.SIGKILL)
        if tries.stat().st_size <= event.fails:
            raise RuntimeError(f"told to fail {event.fails} times")
        if tries.stat().st_size == 1:
            time.sleep(event.first_try_takes_s)
        database.add_effect(session, envelope.event_id, event.number)


class Books(Listener):
    name = "books"

    @listens(Sold)
    def sold(self, session: Any, event: Sold, envelope: Envelope) -> None:
        self._sold(session, event, envelope)

    @listens(Opened)
    def opened(self, session: Any, event: Opened, envelope: Envelope) -> None:
        database.add_effect(session, envelope.event_id, event.at_hour)


class Post(Listener):
    name = "post"

    @listens(Sold)
    def sold(self, session: Any, event: Sold, envelope: Envelope) -> None:
        self._sold(session, event, envelope)


class Mill:
    """Grinds a number a call: adds 1000 to it. Number 13 jams the mill once."""

    name = "mill"
    db = DatabaseProvider()
    folder = Folder()

    @listens(Opened)
    def opened(self, session: Any, event: Opened, envelope: Envelope) -> None:
        database.add_effect(session, envelope.event_id, event.at_hour)
        wake(session, "grain")

    @works("grain", every_s=3600)
    def grind(self) -> bool:
        with self.db.transaction() as session:
            number = session.scalar(select(func.min(database.effects.c.number)))
            if number is None or number >= 1000:
                return False
            jammed = self.folder / "jammed"
            if number == 13 and not jammed.exists():
                jammed.touch()
                raise RuntimeError("jammed")
            session.execute(
                update(database.effects).where(database.effects.c.number == number).values(number=number + 1000)
            )
        return True


class Shop:
    name = "shop"
    relay = OutboxRelay(LISTENERS)


class MillShop:
    name = "shop"
    relay = OutboxRelay(LISTENERS_WITH_MILL)


SERVICES = {"shop": Shop, "books": Books, "post": Post, "mill": Mill, "mill shop": MillShop}


def run(options: dict[str, Any]) -> None:
    """Run the services named in `options["databases"]` until SIGTERM, then stop them cleanly."""
    containers = [
        Container(
            SERVICES[name],
            {
                "AMQP_URI": options["broker_url"],
                "SETTINGS": Settings(options["broker_url"], url),
                "FOLDER": options["folder"],
                RETRY_POLICY_CONFIG_KEY: RetryPolicy(tries=4, first_pause_s=0.1, factor=2.0),
            },
        )
        for name, url in options["databases"].items()
    ]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    for container in containers:
        container.start()
    print("started", flush=True)
    stop.wait()
    for container in containers:
        container.stop()
    print("stopped", flush=True)


if __name__ == "__main__":
    run(json.loads(sys.argv[1]))
