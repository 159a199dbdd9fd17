"""Anything that may go wrong with payments, in any order, and what must be true when it is over."""

import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import stripe
from hypothesis import strategies as st

from contracts.payments import (
    CancelPayment,
    ContinuePayment,
    PaymentCancelled,
    PaymentFailed,
    PaymentSucceeded,
    ReceiveStripeWebhook,
)
from contracts.wire import Refused
from services.payments.clients.provider import ProviderUncertain
from services.payments.domain import states
from tests.support.payments import CUSTOMER, NEIGHBOUR, Crash, Payments
from tests.support.payments_stand_in import StandIn

KEYS = ["form-1", "form-2", "form-3"]
CALLS = ["create_customer", "create_intent", "confirm_intent", "retrieve_intent", "cancel_intent", "find_intent"]
SECONDS = [1, 45, 5 * 60, 31 * 60, 65 * 60, 25 * 3600]

steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("pay"),
            st.sampled_from(KEYS),
            st.sampled_from([CUSTOMER, NEIGHBOUR]),
            st.sampled_from(["works", "declined", "asks"]),
        ),
        st.tuples(st.just("lose"), st.sampled_from(CALLS), st.sampled_from(["before", "after"]), st.integers(1, 3)),
        st.tuples(st.just("kill"), st.booleans(), st.integers(1, 6)),
        st.tuples(st.just("kill_in"), st.sampled_from(CALLS), st.sampled_from(["before", "after"])),
        st.tuples(st.just("mute_billing"), st.sampled_from(["HoldInvoices", "ReleaseHold"]), st.booleans()),
        st.tuples(st.just("pass_time"), st.sampled_from(SECONDS)),
        st.tuples(st.just("answer_bank"), st.booleans()),
        st.tuples(st.just("webhooks"), st.integers(1, 2), st.booleans()),
        st.tuples(st.just("go_on"), st.booleans()),
        st.just(("billing_hears",)),
    ),
    min_size=3,
    max_size=25,
)


class World(Protocol):
    """The provider, to be disturbed and looked into."""

    cards: dict[str, str]

    def lose(self, call: str, when: str, times: int) -> None: ...

    def calm_down(self) -> None: ...

    def authenticate(self, intent_id: str, *, completed: bool) -> None: ...

    def waiting_for_bank(self) -> list[str]: ...

    def webhooks(self) -> list[ReceiveStripeWebhook]: ...

    def captured_minor(self) -> int: ...

    def charges_by_payment(self) -> dict[str, int]: ...


class FakeWorld:
    """The recording fake."""

    cards: dict[str, str] = {"works": "pm_works", "declined": "pm_no_money", "asks": "pm_asks"}  # noqa: RUF012

    def __init__(self, payments: Payments) -> None:
        self._provider = payments.stripe
        self._told: list[ReceiveStripeWebhook] = []

    def lose(self, call: str, when: str, times: int) -> None:
        self._provider.faults += [(call, when, ProviderUncertain("lost"))] * times

    def calm_down(self) -> None:
        self._provider.faults.clear()

    def authenticate(self, intent_id: str, *, completed: bool) -> None:
        self._provider.authenticate(intent_id, completed=completed)

    def waiting_for_bank(self) -> list[str]:
        return [
            made.intent.intent_id for made in self._provider.made.values() if made.intent.status == "requires_action"
        ]

    def webhooks(self) -> list[ReceiveStripeWebhook]:
        kinds = {"succeeded": "succeeded", "canceled": "canceled", "requires_payment_method": "payment_failed"}
        for made in self._provider.made.values():
            kind = f"payment_intent.{kinds.get(made.intent.status, 'requires_action')}"
            intent_id = made.intent.intent_id
            body = {"id": f"evt_{kind}_{intent_id}", "type": kind, "data": {"object": {"id": intent_id}}}
            self._told.append(ReceiveStripeWebhook(payload=json.dumps(body), signature=self._provider.SIGNATURE))
        return self._told

    def captured_minor(self) -> int:
        return self._provider.captured_minor()

    def charges_by_payment(self) -> dict[str, int]:
        return {made.new.payment_id: made.charges for made in self._provider.made.values()}


class StandInWorld:
    """The stand-in over HTTP."""

    cards: dict[str, str] = {  # noqa: RUF012
        "works": "pm_card_visa",
        "declined": "pm_card_visa_chargeDeclinedInsufficientFunds",
        "asks": "pm_card_authenticationRequired",
    }

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    def lose(self, call: str, when: str, times: int) -> None:
        action = "drop" if times != 2 else "status"
        self._stand_in.lose(call, when, action=action, times=times)

    def calm_down(self) -> None:
        self._stand_in.sandbox.parts.faults.clear()

    def authenticate(self, intent_id: str, *, completed: bool) -> None:
        self._stand_in.authenticate(intent_id, completed=completed)

    def waiting_for_bank(self) -> list[str]:
        return [intent.id for intent in self._stand_in.intents() if intent.status == "requires_action"]

    def webhooks(self) -> list[ReceiveStripeWebhook]:
        return [self._signed(json.dumps(event)) for event in self._stand_in.events()]

    def captured_minor(self) -> int:
        return self._stand_in.captured_minor()

    def charges_by_payment(self) -> dict[str, int]:
        return self._stand_in.charges_by_payment()

    def _signed(self, payload: str) -> ReceiveStripeWebhook:
        secret = self._stand_in.sandbox.settings.stripe_webhook_secret
        signature = stripe.WebhookSignature.generate_signature_header(payload, secret, int(time.time()))
        return ReceiveStripeWebhook(payload=payload, signature=signature)


class Storm:
    """Lets one list of steps happen, then calm, then checks."""

    def __init__(self, payments: Payments, world: World) -> None:
        self._payments = payments
        self._world = world

    def blow(self, wanted: list[tuple[Any, ...]]) -> None:
        """Every step may be refused, and may kill the process."""
        for name, *arguments in wanted:
            step: Callable[..., object] = getattr(self, f"_{name}")
            with suppress(Crash, Refused):
                step(*arguments)

    def calm_down(self) -> None:
        """Nothing goes wrong any more, and time passes; nobody presses anything."""
        self._world.calm_down()
        self._payments.database.crash_after_commits = self._payments.database.crash_before_commits = None
        self._payments.billing.faults.clear()
        self._payments.mortal.doomed.clear()
        for minutes in (1, 6, 61, 61, 24 * 60, 24 * 60):
            self._payments.pass_time(minutes=minutes)

    def check(self) -> None:
        """Money here is money there, nothing is charged twice, and all is told once."""
        payments, world = self._payments, self._world
        rows = payments.rows()
        assert {row.state for row in rows} <= states.SETTLED
        assert world.captured_minor() == payments.recorded_minor()
        charged = Counter(world.charges_by_payment())
        for row in rows:
            assert charged[row.payment_id] == (row.state == "succeeded"), row.payment_id
        assert set(charged) <= {row.payment_id for row in rows}
        charges_by_key = Counter((row.customer_id, row.key) for row in rows if row.state == "succeeded")
        assert max(charges_by_key.values(), default=0) <= 1
        told = Counter(event.payment_id for event in self._outcomes())
        for row in rows:
            assert told[row.payment_id] == 1 or (row.refusal is not None and told[row.payment_id] == 0)
        succeeded = {event.payment_id for event in payments.events(PaymentSucceeded)}
        assert succeeded == {row.payment_id for row in rows if row.state == "succeeded"}
        self._billing_hears()
        assert not payments.billing.holds

    def _pay(self, key: str, customer_id: str, card: str) -> None:
        self._payments.pay(key=key, customer_id=customer_id, payment_method=self._world.cards[card])

    def _lose(self, call: str, when: str, times: int) -> None:
        self._world.lose(call, when, times)

    def _kill(self, after: bool, commits: int) -> None:
        setattr(self._payments.database, "crash_after_commits" if after else "crash_before_commits", commits)

    def _kill_in(self, call: str, when: str) -> None:
        self._payments.doom(call, when)

    def _mute_billing(self, command: str, after: bool) -> None:
        lost = Refused("unavailable", "no answer")
        self._payments.billing.faults.append((command, "after" if after else "before", lost))

    def _pass_time(self, seconds: int) -> None:
        self._payments.pass_time(seconds=seconds)

    def _answer_bank(self, completed: bool) -> None:
        for intent_id in self._world.waiting_for_bank()[:1]:
            self._world.authenticate(intent_id, completed=completed)

    def _webhooks(self, times: int, backwards: bool) -> None:
        told = self._world.webhooks() * times
        for webhook in reversed(told) if backwards else told:
            self._payments.ask(webhook)
        self._payments.work()

    def _go_on(self, give_up: bool) -> None:
        command = CancelPayment if give_up else ContinuePayment
        for row in self._payments.rows():
            if row.state == "requires_action":
                self._payments.ask(command(customer_id=row.customer_id, payment_id=row.payment_id))

    def _billing_hears(self) -> None:
        for event in self._outcomes():
            self._payments.billing.release(event.payment_id)

    def _outcomes(self) -> list[PaymentSucceeded | PaymentFailed | PaymentCancelled]:
        events = self._payments.events
        return [*events(PaymentSucceeded), *events(PaymentFailed), *events(PaymentCancelled)]
