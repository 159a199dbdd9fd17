"""What goes wrong in a storm: a list drawn from a seed, each thing struck while somebody pays."""

import os
import random
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from porchlight.local_stack import LocalStack
from tests.support.chaos.bank import Bank
from tests.support.chaos.diary import Diary
from tests.support.chaos.portal import Portal
from tests.support.embedded_house import HOUSE, House

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


Kinds = list[Callable[[], Trouble]]


class Troubles:
    """Everything that can go wrong. Nothing is delayed or frozen for more than `longest_delay_s`."""

    def __init__(
        self, portal: Portal, bank: Bank, diary: Diary, chance: random.Random, *, longest_delay_s: float
    ) -> None:
        self._portal = portal
        self._bank = bank
        self._diary = diary
        self._chance = chance
        self._longest_delay_s = longest_delay_s
        self._never = threading.Event()

    def of_stack(self, stack: LocalStack, copies: Sequence[str] = ()) -> Kinds:
        """What can go wrong with services of their own, with RabbitMQ and PostgreSQL."""
        names = (*SERVICES, *copies)

        def one_of(name: str) -> str:
            return self._chance.choice([each for each in names if each.removesuffix("-2") == name])

        return [
            lambda: self._kill(one_of("payments")),
            lambda: self._kill(one_of("billing")),
            lambda: self._kill(self._chance.choice(names)),
            *self._of_stripe(),
            lambda: self._broker(stack),
            lambda: self._database(stack),
            lambda: self._kill(*self._chance.sample(names, k=self._chance.randint(2, 4))),
            lambda: self._freeze(self._chance.choice(names)),
        ]

    def of_house(self, house: House) -> Kinds:
        """What can go wrong with one process that everything is in, the stand-in for Stripe too."""
        return [
            lambda: self._kill(HOUSE),
            lambda: self._kill(HOUSE),
            lambda: self._stop(house),
            lambda: self._stop_impatiently(house),
            lambda: self._kill_at_the_start(house),
            lambda: self._freeze(HOUSE),
            *self._of_stripe(),
        ]

    def draw(self, kinds: Kinds, count: int) -> list[Trouble]:
        """Choose what goes wrong, each kind at least once as far as `count` goes; the same seed draws the same."""
        kinds = list(kinds)
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

    def _of_stripe(self) -> Kinds:
        return [self._stripe, self._stripe, self._webhooks]

    def _kill(self, *names: str) -> Trouble:
        def strike() -> None:
            for name in names:
                self._portal.kill(name)

        return self._trouble(f"kill -9 {' '.join(names)}", strike, lambda: self._portal.start(*names))

    def _stop(self, house: House) -> Trouble:
        return self._trouble("SIGTERM", house.stop, house.start)

    def _stop_impatiently(self, house: House) -> Trouble:
        after_s = self._chance.uniform(0.0, 1.0)

        def strike() -> None:
            os.kill(house.pid(HOUSE), signal.SIGTERM)
            self._never.wait(after_s)
            house.kill(HOUSE)

        return self._trouble(f"SIGTERM, and kill -9 {after_s:.2f} s later", strike, house.start)

    def _kill_at_the_start(self, house: House) -> Trouble:
        after_s = self._chance.uniform(0.5, 2.5)

        def strike() -> None:
            house.kill(HOUSE)
            house.launch()
            self._never.wait(after_s)
            house.kill(HOUSE)

        return self._trouble(f"kill -9, and again {after_s:.2f} s into the start", strike, house.start)

    def _freeze(self, name: str) -> Trouble:
        lasts_s = self._chance.uniform(1.0, self._longest_delay_s)

        def thaw() -> None:
            self._never.wait(lasts_s)
            os.killpg(self._portal.pid(name), signal.SIGCONT)

        # Its process group: gunicorn's workers too.
        return self._trouble(
            f"freeze {name} for {lasts_s:.1f} s", lambda: os.killpg(self._portal.pid(name), signal.SIGSTOP), thaw
        )

    def _broker(self, stack: LocalStack) -> Trouble:
        broker = stack.rabbitmq
        if self._chance.random() < 0.5:
            return self._trouble("kill -9 RabbitMQ", broker.kill, broker.start)
        return self._trouble("restart RabbitMQ", broker.stop, broker.start)

    def _database(self, stack: LocalStack) -> Trouble:
        postgres = stack.postgres
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
