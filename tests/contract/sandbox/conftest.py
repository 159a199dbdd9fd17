"""Each test has a sandbox of its own, and all that it exchanged is checked against the companies' descriptions."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.settings import Settings
from tests.support.openapi import FILES, check_recording, description_file
from tests.support.sandbox import Listener, RunningSandbox, calm, running_sandbox, webhook_listener

BY_CARD = {"enabled": True, "allow_redirects": "never"}
"""How every version of the API lets an intent be paid without leaving the page."""
CARD = {"exp_month": 12, "exp_year": 2040, "cvc": "123"}


@pytest.fixture
def listener() -> Iterator[Listener]:
    """What takes the sandbox's webhooks."""
    with webhook_listener() as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path, listener: Listener) -> Settings:
    """Webhooks go to the listener, each once and in order."""
    return calm(
        Settings(
            record_file=tmp_path / "exchanges.jsonl",
            stripe_webhook_url=f"{listener.address}/webhooks/stripe",
            twilio_inbound_url=f"{listener.address}/webhooks/twilio",
            webhook_retry_s=0.02,
        )
    )


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[RunningSandbox]:
    """A sandbox; at the end its exchanges must be as Stripe and Twilio describe them, where the descriptions are."""
    with running_sandbox(settings) as running:
        yield running
    assert settings.record_file is not None
    if all(description_file(service).is_file() for service in FILES):
        assert check_recording(settings.record_file).problems == []


@pytest.fixture
def noisy(settings: Settings) -> Iterator[RunningSandbox]:
    """A sandbox that sends every second webhook twice and holds every third back."""
    with running_sandbox(replace(settings, webhook_duplicate_every=2, webhook_reorder_every=3)) as running:
        yield running


@pytest.fixture
def api(sandbox: RunningSandbox) -> Any:
    """Stripe's library with the secret key."""
    return sandbox.stripe()


@pytest.fixture
def browser_api(sandbox: RunningSandbox) -> Any:
    """Stripe's library with the publishable key, as the script in the page calls."""
    return sandbox.stripe(key=sandbox.settings.stripe_publishable_key)


@pytest.fixture
def customer(api: Any) -> Any:
    """A customer."""
    return api.v1.customers.create({"email": "ana@example.com", "name": "Ana"})


def error_of(refused: pytest.ExceptionInfo[stripe.StripeError]) -> Any:
    """The error object of Stripe's answer; its fields are tested, not assumed."""
    return refused.value.error


def typed_card(browser_api: Any, number: str, **card: Any) -> Any:
    """The payment method of a card typed into the page."""
    params = {"type": "card", "card": {**CARD, "number": number, **card}}
    return browser_api.v1.payment_methods.create(params)
