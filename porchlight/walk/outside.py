"""What lies outside the portal, over HTTP: the customer's mailbox, and Stripe as its browser script asks it."""

import time
from typing import Any

import requests

from porchlight.walk.browser import TIMEOUT_S, WalkFailed

PATIENCE_S = 20.0


class MailboxReader:
    """The e-mails that an address got."""

    def __init__(self, sandbox_url: str) -> None:
        self._api = f"{sandbox_url}/mailbox/api/messages"

    def all_to(self, address: str) -> list[dict[str, Any]]:
        """Every e-mail to `address`."""
        answer = requests.get(self._api, params={"to": address}, timeout=TIMEOUT_S)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    def newest(self, address: str) -> int:
        """The id of the newest e-mail to `address`; 0 where there is none."""
        return max((int(message["id"]) for message in self.all_to(address)), default=0)

    def wait_for(self, address: str, subject: str, *, after: int = 0) -> dict[str, Any]:
        """The newest e-mail to `address` whose subject contains `subject`, newer than `after`, as soon as it is there.

        Raises `WalkFailed`.
        """
        give_up_at = time.monotonic() + PATIENCE_S
        while True:
            messages = [message for message in self.all_to(address) if int(message["id"]) > after]
            for message in sorted(messages, key=lambda each: -int(each["id"])):
                if subject.lower() in message["subject"].lower():
                    return message
            if time.monotonic() > give_up_at:
                subjects = [message["subject"] for message in messages]
                raise WalkFailed(f"no e-mail {subject!r} to {address} after {PATIENCE_S:.0f} s; there are {subjects}")
            time.sleep(0.05)


def make_payment_method(stripe_api_base: str, publishable_key: str, number: str) -> str:
    """Make a PaymentMethod as Stripe's script does when the card fields are submitted; returns its id."""
    answer = requests.post(
        f"{stripe_api_base}/v1/payment_methods",
        auth=(publishable_key, ""),
        data={
            "type": "card",
            "card[number]": number,
            "card[exp_month]": "12",
            "card[exp_year]": "2034",
            "card[cvc]": "314",
            "billing_details[address][postal_code]": "13902",
        },
        timeout=TIMEOUT_S,
    )
    if answer.status_code != 200:
        raise WalkFailed(f"the card was not taken: {answer.text[:300]}")
    return str(answer.json()["id"])
