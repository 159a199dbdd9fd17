"""payments over HTTP with the stand-in for Stripe, whose webhooks arrive as they would from Stripe."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import requests
import stripe
from flask import Flask, request

from chassis.database import Database
from contracts.payments import ReceiveStripeWebhook
from sandbox.settings import Settings
from services.payments.clients.stripe_api import StripeProvider
from tests.support.payments import HandSetClock, Payments
from tests.support.sandbox import TIMEOUT_S, RunningSandbox, calm, running_sandbox, served

PATHS = {
    "create_customer": ("POST", "/v1/customers$"),
    "create_intent": ("POST", "/v1/payment_intents$"),
    "confirm_intent": ("POST", "/confirm$"),
    "cancel_intent": ("POST", "/cancel$"),
    "retrieve_intent": ("GET", "/v1/payment_intents/pi_"),
    "find_intent": ("GET", "/v1/payment_intents$"),
}
"""The calls of the provider's interface, as the stand-in sees them."""


class StandIn:
    """The sandbox's Stripe, with a switchboard of faults and a look at what it has captured."""

    def __init__(self, sandbox: RunningSandbox, clock: HandSetClock) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self._client = sandbox.stripe()

    def provider(self, *, retries: int = 0, timeout_s: float = TIMEOUT_S) -> StripeProvider:
        """The service's own client, pointed here."""
        return StripeProvider(
            secret_key=self.sandbox.settings.stripe_secret_key,
            webhook_secret=self.sandbox.settings.stripe_webhook_secret,
            api_base=self.sandbox.stripe_base,
            timeout_s=timeout_s,
            max_network_retries=retries,
        )

    def lose(self, call: str, when: str, *, action: str = "drop", **rule: Any) -> None:
        """The next such call gets no answer (drop) or a failure (status)."""
        method, path = PATHS[call]
        self.sandbox.parts.faults.add({"action": action, "when": when, "method": method, "path": path, **rule})

    def requests(self, call: str) -> list[dict[str, Any]]:
        """What arrived of one kind of call."""
        method, path = PATHS[call]
        asked = self.sandbox.parts.journal.entries()
        if path.endswith("$"):
            return [entry for entry in asked if (entry["method"], entry["path"]) == (method, path[:-1])] or [
                entry for entry in asked if entry["method"] == method and entry["path"].endswith(path[:-1])
            ]
        return [entry for entry in asked if entry["method"] == method and path in entry["path"]]

    @contextmanager
    def undisturbed(self) -> Iterator[stripe.StripeClient]:
        """A look from outside, which the faults that are in force do not strike."""
        faults = self.sandbox.parts.faults
        in_force = faults.listed()
        faults.clear()
        yield self._client
        for rule in in_force:
            del rule["id"]
            faults.add(rule)

    def intents(self) -> list[Any]:
        """Every intent there is."""
        with self.undisturbed() as client:
            return list(client.v1.payment_intents.list({"limit": 100}).auto_paging_iter())

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Every event of a kind, or all, as webhooks would tell them."""
        wanted: Any = {"limit": 100} if kind is None else {"limit": 100, "type": kind}
        with self.undisturbed() as client:
            return [event.to_dict() for event in client.v1.events.list(wanted).auto_paging_iter()]

    def charges(self) -> list[dict[str, Any]]:
        """Every charge that took money, however it is told."""
        return [event["data"]["object"] for event in self.events("charge.succeeded")]

    def captured_minor(self) -> int:
        """What was taken from cards."""
        return sum(charge["amount_captured"] for charge in self.charges())

    def charges_by_payment(self) -> dict[str, int]:
        """How often a card was charged for each of our payments."""
        return dict(Counter(charge["metadata"]["payment_id"] for charge in self.charges()))

    def customers(self) -> list[dict[str, Any]]:
        """Every customer that one of the intents belongs to."""
        ids = {str(intent.customer) for intent in self.intents()}
        with self.undisturbed() as client:
            return [client.v1.customers.retrieve(customer).to_dict() for customer in sorted(ids)]

    def authenticate(self, intent_id: str, *, completed: bool = True) -> None:
        """The holder answers the bank's question in the dialog."""
        with self.undisturbed() as client:
            kind = client.v1.setup_intents if intent_id.startswith("seti_") else client.v1.payment_intents
            intent = kind.retrieve(intent_id).to_dict()
        answer = requests.post(
            intent["next_action"]["use_stripe_sdk"]["stripe_js"],
            data={"outcome": "complete" if completed else "fail"},
            headers={"Accept": "application/json"},
            timeout=TIMEOUT_S,
        )
        assert answer.status_code == 200


@contextmanager
def stand_in(settings: Settings | None = None) -> Iterator[StandIn]:
    """A stand-in whose clock is the same as the service's: moved by hand, from now."""
    clock = HandSetClock(datetime.now(UTC))
    chosen = settings or calm(Settings())
    with running_sandbox(chosen, clock=lambda: clock.at.timestamp()) as sandbox:
        yield StandIn(sandbox, clock)


@contextmanager
def with_webhooks(database: Database, settings: Settings | None = None) -> Iterator[tuple[Payments, StandIn]]:
    """payments and a stand-in that sends it webhooks through an endpoint as thin as the gateway's."""
    app = Flask("gateway")
    receiver: list[Payments] = []

    @app.post("/webhooks/stripe")
    def receive() -> tuple[str, int]:
        payload = request.get_data(as_text=True)
        signature = request.headers.get("Stripe-Signature", "")
        receiver[0].ask(ReceiveStripeWebhook(payload=payload, signature=signature))
        return "", 200

    with served(app) as address:
        chosen = replace(settings or calm(Settings()), stripe_webhook_url=f"{address}/webhooks/stripe")
        with stand_in(chosen) as stripe:
            payments = Payments(database, provider=stripe.provider(), clock=stripe.clock)
            receiver.append(payments)
            yield payments, stripe
