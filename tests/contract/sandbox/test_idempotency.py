"""Idempotency keys: the first answer again, a refusal for another request, a conflict while the first is under way."""

import threading
from typing import Any

import pytest
import requests
import stripe

from sandbox.settings import Settings
from tests.contract.sandbox.conftest import BY_CARD, error_of
from tests.support.sandbox import TIMEOUT_S, RunningSandbox, running_sandbox

SALE = {"amount": 1000, "currency": "usd", "automatic_payment_methods": BY_CARD}
PAID = {**SALE, "payment_method": "pm_card_visa", "confirm": True}


def once(key: str) -> stripe.RequestOptions:
    return {"idempotency_key": key}


def test_the_same_key_gets_the_first_answer_and_does_nothing(api):
    first = api.v1.payment_intents.create(PAID, once("k"))
    again = api.v1.payment_intents.create(PAID, once("k"))
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.request_id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert len(api.v1.payment_intents.list().data) == 1


def test_the_first_answer_is_replayed_though_the_object_has_changed_since(api):
    first = api.v1.payment_intents.create(SALE, once("k"))
    api.v1.payment_intents.cancel(first.id)
    assert api.v1.payment_intents.create(SALE, once("k")).status == "requires_payment_method"


@pytest.mark.parametrize("changed", [{"amount": 1001}, {"metadata": {"a": "b"}}, {"confirm": False}])
def test_the_same_key_with_other_parameters_is_refused(api, changed):
    api.v1.payment_intents.create(PAID, once("k"))
    with pytest.raises(stripe.IdempotencyError, match="same parameters") as refused:
        api.v1.payment_intents.create({**PAID, **changed}, once("k"))
    assert refused.value.http_status == 400
    assert error_of(refused).type == "idempotency_error"


def test_the_same_key_at_another_endpoint_is_refused(api):
    api.v1.payment_intents.create(SALE, once("k"))
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        api.v1.customers.create({}, once("k"))


def test_the_order_of_parameters_does_not_matter(api):
    first = api.v1.payment_intents.create(SALE, once("k"))
    again = api.v1.payment_intents.create(dict(reversed(SALE.items())), once("k"))
    assert again.id == first.id


def test_a_decline_is_replayed_and_charges_nothing_more(api):
    declined = {**PAID, "payment_method": "pm_card_visa_chargeDeclined"}
    intents = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as error:
            api.v1.payment_intents.create(declined, once("k"))
        intents.append(error_of(error).payment_intent["id"])
    assert intents[0] == intents[1]
    assert [each.type for each in api.v1.events.list().data].count("charge.failed") == 1


def test_a_request_refused_before_it_began_may_be_sent_right_with_the_same_key(api):
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.payment_intents.create({**SALE, "currrency": "usd"}, once("k"))
    assert api.v1.payment_intents.create(SALE, once("k")).status == "requires_payment_method"


def test_a_key_in_use_is_a_conflict(sandbox: RunningSandbox, api):
    sandbox.parts.faults.add({"action": "delay", "delay_s": 1.0, "path": "/v1/customers", "when": "after"})
    outcomes: list[int | None] = []
    begun = threading.Event()

    def create() -> None:
        begun.set()
        outcomes.append(api.v1.customers.create({}, once("k")).last_response.code)

    first = threading.Thread(target=create)
    first.start()
    begun.wait(TIMEOUT_S)
    conflict = _until_refused(sandbox)
    first.join(TIMEOUT_S)
    assert outcomes == [200]
    assert conflict["error"]["code"] == "idempotency_key_in_use"
    assert conflict["error"]["type"] == "invalid_request_error"


def _until_refused(sandbox: RunningSandbox) -> Any:
    """The first request may not have arrived yet, so the second uses another endpoint's body until it is refused."""
    for _ in range(200):
        if sandbox.parts.faults.listed() == []:
            break
        threading.Event().wait(0.005)
    answer = requests.post(
        f"{sandbox.stripe_base}/v1/customers",
        headers={"Authorization": f"Bearer {sandbox.settings.stripe_secret_key}", "Idempotency-Key": "k"},
        timeout=TIMEOUT_S,
    )
    assert answer.status_code == 409
    return answer.json()


def test_keys_are_forgotten_after_a_day():
    now = [1_800_000_000.0]
    with running_sandbox(Settings(), clock=lambda: now[0]) as sandbox:
        api = sandbox.stripe()
        first = api.v1.customers.create({}, once("k"))
        now[0] += 24 * 3600 - 1
        assert api.v1.customers.create({}, once("k")).id == first.id
        now[0] += 2
        assert api.v1.customers.create({}, once("k")).id != first.id
