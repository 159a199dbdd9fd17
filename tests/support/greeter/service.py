"""The greeter itself."""

import logging
from pathlib import Path

import eventlet

from chassis import correlation, outbox
from chassis.database_errors import UnreachableDatabase
from chassis.idempotency import once
from chassis.listening import listens
from chassis.providers import ClockProvider, DatabaseProvider, RpcProvider, SettingsProvider
from chassis.relay import OutboxRelay
from chassis.serving import Operable, answers
from contracts import codes
from contracts.wire import Refused
from tests.support.greeter import greetings
from tests.support.greeter.greetings import Greeting

LISTENERS = {"greetings": (greetings.Announced,)}
log = logging.getLogger(__name__)


class GreetingsService(Operable):
    """Greets."""

    name = "greetings"

    db = DatabaseProvider()
    clock = ClockProvider()
    rpc = RpcProvider()
    settings = SettingsProvider()
    relay = OutboxRelay(LISTENERS)

    @answers(greetings.Greet)
    def greet(self, command):
        return Greeting(text=" ".join([f"hello {command.name}"] * command.times), correlation_id=correlation.current())

    @answers(greetings.Refuse)
    def refuse(self, command):
        raise Refused(codes.CONFLICT, "That name is taken.", name="Ann", tries=3)

    @answers(greetings.Crash)
    def crash(self, command):
        log.info("about to fail with %s for ann@example.com", self.settings.signing_secret)
        raise RuntimeError("the inner workings")

    @answers(greetings.LoseDatabase)
    def lose_database(self, command):
        raise UnreachableDatabase("cannot reach the database")

    @answers(greetings.AnswerNonsense)
    def answer_nonsense(self, command):
        return object()

    @answers(greetings.Linger)
    def linger(self, command):
        self._write(command.mark, "began")
        eventlet.sleep(command.seconds)
        self._write(command.mark, "ended")
        return Greeting(text="at last")

    @answers(greetings.PassOn)
    def pass_on(self, command):
        return self.rpc.call(greetings.Greet(name=command.name))

    @answers(greetings.Announce)
    def announce(self, command):
        with self.db.transaction() as session:
            return once(session, command.key, command, lambda: self._announce(session, command))

    @answers(greetings.Die)
    def die(self, command):
        self.relay.container.spawn_managed_thread(_fail)
        return Greeting(text="farewell")

    @listens(greetings.Announced)
    def announced(self, session, event, envelope):
        if event.text == "poison":
            raise RuntimeError("cannot be handled")

    def _announce(self, session, command):
        event = greetings.Announced(text=command.text)
        event_id = outbox.record(session, event, aggregate_id="one", aggregate_version=1, ordering_key="one")
        return Greeting(text=event_id)

    @staticmethod
    def _write(mark, line):
        if mark:
            with Path(mark).open("a", encoding="utf-8") as file:
                file.write(line + "\n")


def _fail():
    raise RuntimeError("a part of the service is broken")
