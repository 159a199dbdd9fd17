from datetime import UTC, datetime
from typing import Any

from services.payments.clients.provider import Card, DeclineCodes
from services.payments.clients.stripe_objects import intent_from

INTENT: dict[str, Any] = {
    "id": "pi_1",
    "object": "payment_intent",
    "status": "succeeded",
    "amount": 5_000,
    "amount_received": 5_000,
    "client_secret": "pi_1_secret_of_the_browser",
    "metadata": {"payment_id": "ours"},
    "latest_charge": {
        "id": "ch_1",
        "created": 1_773_154_800,
        "payment_method": "pm_1",
        "payment_method_details": {
            "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030, "fingerprint": "f"}
        },
    },
    "last_payment_error": None,
}
CARD = Card(payment_method="pm_1", brand="visa", last4="4242", exp_month=12, exp_year=2030, fingerprint="f")


def test_a_success_tells_card_and_moment_of_the_charge():
    intent = intent_from(INTENT)

    assert (intent.intent_id, intent.status, intent.payment_id) == ("pi_1", "succeeded", "ours")
    assert (intent.amount_minor, intent.received_minor) == (5_000, 5_000)
    assert intent.card == CARD
    assert intent.charged_at == datetime(2026, 3, 10, 15, tzinfo=UTC)
    assert intent.decline is None


def test_the_charge_may_be_named_only():
    intent = intent_from(INTENT | {"latest_charge": "ch_1"})

    assert (intent.card, intent.charged_at) == (None, None)


def test_a_decline_tells_reason_and_card():
    error = {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "payment_method": {"id": "pm_1", "card": INTENT["latest_charge"]["payment_method_details"]["card"]},
    }

    intent = intent_from(
        INTENT | {"status": "requires_payment_method", "latest_charge": None, "last_payment_error": error}
    )

    assert intent.decline == DeclineCodes(code="card_declined", decline_code="insufficient_funds")
    assert intent.card == CARD


def test_an_intent_of_another_program_has_no_payment_of_ours():
    assert intent_from(INTENT | {"metadata": {}}).payment_id is None


def test_the_client_secret_is_not_in_what_logs_print():
    assert "secret_of_the_browser" not in repr(intent_from(INTENT))
