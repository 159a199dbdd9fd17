"""What goes wrong in a storm: a list drawn from a seed, each thing struck while somebody pays."""

import os
import random
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

from porchlight.local_stack import LocalStack
from tests.support.chaos.bank import Bank
from tests.support.chaos.diary import Diary

SERVICES = ("payments", "billing", "balance", "notify", "identity", "gateway")

_STRIPE_CALLS = {
    "create": r"/payment_intents$",
    "confirm": r"/confirm$",
    "cancel": r"/cancel$",
    "read": r"/payment_intents/[^/]+$",
    "customer": r"/customers$",
    "any": "/v1/(payment_intents|customers)",
}


@dataclass(frozen=True)
class Trouble:
    """One thing that goes wrong. It strikes up to `within_s` after a press on Pay, and lasts for `presses` more."""

    what: str
    strike: Callable[[], None]
    end: Callable[[], None]
    within_s: float
    presses: int


class Troubles:
    """Everything that can go wrong with a stack. Nothing is delayed or frozen for more than `longest_delay_s`."""

    def __init__(
        self, stack: LocalStack, bank: Bank, diary: Diary, chance: random.Random, *, longest_delay_s: float
    ) -> None:
        self._stack = stack
        self._bank = bank
        self._diary = diary
        self._chance = chance
        self._longest_delay_s = longest_delay_s
        self._never = threading.Event()

    def draw(self, count: int) -> list[Trouble]:
        """Choose what goes wrong, each kind at least once as far as `count` goes; the same seed draws the same."""
        kinds = [
            lambda: self._kill("payments"),
            lambda: self._kill("billing"),
            self._kill_any,
            self._stripe,
            self._stripe,
            self._broker,
            self._database,
            self._webhooks,
            self._kill_several,
            self._freeze,
        ]
        self._chance.shuffle(kinds)
        return [kinds[number % len(kinds)]() for number in range(count)]

    def happen(self, trouble: Trouble) -> None:
        """Let one thing go wrong and pass."""
        self._diary.wait_for_presses(1, timeout_s=3.0)
        # Anywhere in the course of a payment, not always at its beginning.
        self._never.wait(trouble.within_s)
        self._diary.note(f"TROUBLE {trouble.what}")
        trouble.strike()
        self._diary.wait_for_presses(trouble.presses, timeout_s=1.5)
        trouble.end()
        self._diary.note(f"over: {trouble.what}")

    def _trouble(self, what: str, strike: Callable[[], None], end: Callable[[], None]) -> Trouble:
        return Trouble(what, strike, end, self._chance.uniform(0.0, 0.25), self._chance.randint(0, 4))

    def _kill(self, *names: str) -> Trouble:
        def strike() -> None:
            for name in names:
                self._stack.kill(name)

        return self._trouble(f"kill -9 {' '.join(names)}", strike, lambda: self._stack.start(*names))

    def _freeze(self) -> Trouble:
        name, lasts_s = self._chance.choice(SERVICES), self._chance.uniform(1.0, self._longest_delay_s)

        def thaw() -> None:
            self._never.wait(lasts_s)
            os.killpg(self._stack.pid(name), signal.SIGCONT)

        # Its process group: gunicorn's workers too.
        return self._trouble(
            f"freeze {name} for {lasts_s:.1f} s", lambda: os.killpg(self._stack.pid(name), signal.SIGSTOP), thaw
        )

    def _kill_any(self) -> Trouble:
        return self._kill(self._chance.choice(SERVICES))

    def _kill_several(self) -> Trouble:
        return self._kill(*self._chance.sample(SERVICES, k=self._chance.randint(2, 4)))

    def _broker(self) -> Trouble:
        broker = self._stack.rabbitmq
        if self._chance.random() < 0.5:
            return self._trouble("kill -9 RabbitMQ", broker.kill, broker.start)
        return self._trouble("restart RabbitMQ", broker.stop, broker.start)

    def _database(self) -> Trouble:
        postgres = self._stack.postgres
        if self._chance.random() < 0.5:
            return self._trouble("crash PostgreSQL", postgres.kill, postgres.start)
        return self._trouble("restart PostgreSQL", postgres.stop, postgres.start)

    def _stripe(self) -> Trouble:
        call = self._chance.choice(sorted(_STRIPE_CALLS))
        action = self._chance.choice(["status", "drop", "delay"])
        when = self._chance.choice(["before", "after", "after"])
        # Three are as many as one call to Stripe makes before it gives up.
        times = self._chance.randint(1, 6)
        delay_s = self._chance.uniform(0.5, self._longest_delay_s)
        rule = {"action": action, "when": when, "path": _STRIPE_CALLS[call], "times": times, "delay_s": delay_s}
        how = f"delay of {delay_s:.1f} s" if action == "delay" else {"status": "500", "drop": "no answer"}[action]
        what = f"Stripe: {how} {when} the work, {call}, {times} times"
        return self._trouble(what, lambda: self._bank.fail(**rule), lambda: None)

    def _webhooks(self) -> Trouble:
        return self._trouble("webhooks are late", self._bank.hold_webhooks, lambda: None)
