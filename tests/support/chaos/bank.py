"""Stripe's stand-in as the storm needs it: cards for the pay form, the bank's question, faults, and its own books."""

from collections.abc import Iterator
from typing import Any

import requests

from porchlight.walk.outside import make_payment_method

TIMEOUT_S = 20.0

CARDS = {"good": "4242424242424242", "declined": "4000000000009995", "asks": "4000002760003184"}


class Bank:
    """The sandbox, over HTTP."""

    def __init__(self, sandbox_url: str, secret_key: str, publishable_key: str) -> None:
        self._url = sandbox_url
        self._secret_key = secret_key
        self._publishable_key = publishable_key

    def card(self, kind: str) -> str:
        """Type a card into the form: a new PaymentMethod's id."""
        return make_payment_method(f"{self._url}/stripe", self._publishable_key, CARDS[kind])

    def answer_question(self, client_secret: str, *, completed: bool) -> None:
        """Answer the bank's question (3-D Secure) about an intent, if it is still open."""
        intent_id = client_secret.partition("_secret_")[0]
        intent = self._get(f"payment_intents/{intent_id}")
        action = intent.get("next_action")
        if action is not None:
            source = action["use_stripe_sdk"]["source"]
            answer = requests.post(
                f"{self._url}/stripe/three_d_secure/{source}",
                data={"outcome": "complete" if completed else "fail"},
                timeout=TIMEOUT_S,
            )
            answer.raise_for_status()

    def fail(self, **rule: Any) -> None:
        """Put a rule in force (sandbox/README.md, "The switchboard")."""
        requests.post(f"{self._url}/control/faults", json=rule, timeout=TIMEOUT_S).raise_for_status()

    def hold_webhooks(self) -> None:
        """Keep webhooks back until the calm."""
        requests.post(f"{self._url}/control/webhooks/hold", timeout=TIMEOUT_S).raise_for_status()

    def calm_down(self) -> None:
        """Nothing fails any more, and the webhooks that were kept back leave."""
        requests.delete(f"{self._url}/control/faults", timeout=TIMEOUT_S).raise_for_status()
        requests.post(f"{self._url}/control/webhooks/release", timeout=TIMEOUT_S).raise_for_status()

    def repeat_webhooks(self) -> None:
        """Send the latest webhooks once more, newest first."""
        listed = requests.get(f"{self._url}/control/webhooks", timeout=TIMEOUT_S).json()["webhooks"]
        for subject in dict.fromkeys(each["subject"] for each in listed):
            requests.post(f"{self._url}/control/webhooks/{subject}/repeat", timeout=TIMEOUT_S).raise_for_status()

    def webhooks_waiting(self) -> int:
        """How many webhooks have not arrived yet."""
        found = requests.get(f"{self._url}/control/webhooks", timeout=TIMEOUT_S).json()
        return int(found["count"]["pending"])

    def received_by_customer(self) -> dict[str, dict[str, int]]:
        """What was captured, by our customer's id and our payment's id, in minor units."""
        received: dict[str, dict[str, int]] = {}
        owners: dict[str, str] = {}
        for intent in self._all("payment_intents"):
            if intent["status"] == "succeeded":
                customer = intent["customer"]
                if customer not in owners:
                    owners[customer] = self._get(f"customers/{customer}")["metadata"].get("customer_id", "")
                payments = received.setdefault(owners[customer], {})
                payment_id = intent["metadata"]["payment_id"]
                payments[payment_id] = payments.get(payment_id, 0) + intent["amount_received"]
        return received

    def _all(self, resource: str) -> Iterator[dict[str, Any]]:
        after: dict[str, str] = {}
        while True:
            page = self._get(resource, limit="100", **after)
            yield from page["data"]
            if not page["has_more"]:
                return
            after = {"starting_after": page["data"][-1]["id"]}

    def _get(self, path: str, **parameters: str) -> dict[str, Any]:
        answer = requests.get(
            f"{self._url}/stripe/v1/{path}", params=parameters, auth=(self._secret_key, ""), timeout=TIMEOUT_S
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
