"""The switchboard makes single requests fail, and tells what was asked."""

import pytest
import requests
import stripe

from tests.contract.sandbox.conftest import BY_CARD
from tests.support.sandbox import TIMEOUT_S, RunningSandbox

PAID = {
    "amount": 1000,
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "automatic_payment_methods": BY_CARD,
    "confirm": True,
}


def break_next(sandbox: RunningSandbox, **rule) -> None:
    answer = requests.post(f"{sandbox.address}/control/faults", json=rule, timeout=TIMEOUT_S)
    assert answer.status_code == 201, answer.text


def test_an_answer_dropped_after_the_work_leaves_the_payment_made(sandbox: RunningSandbox, api):
    break_next(sandbox, action="drop", when="after", method="POST", path="/v1/payment_intents")
    with pytest.raises(stripe.APIConnectionError):
        api.v1.payment_intents.create(PAID, {"idempotency_key": "k"})
    assert [each.status for each in api.v1.payment_intents.list().data] == ["succeeded"]
    again = api.v1.payment_intents.create(PAID, {"idempotency_key": "k"})
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(api.v1.payment_intents.list().data) == 1


def test_a_request_dropped_before_the_work_leaves_nothing(sandbox: RunningSandbox, api):
    break_next(sandbox, action="drop", when="before", path="/v1/payment_intents")
    with pytest.raises(stripe.APIConnectionError):
        api.v1.payment_intents.create(PAID, {"idempotency_key": "k"})
    assert api.v1.payment_intents.list().data == []
    assert api.v1.payment_intents.create(PAID, {"idempotency_key": "k"}).status == "succeeded"


def test_stripes_own_retries_make_up_for_a_lost_answer(sandbox: RunningSandbox):
    break_next(sandbox, action="drop", path="/v1/payment_intents")
    paid = sandbox.stripe(retries=2).v1.payment_intents.create(PAID)
    assert paid.status == "succeeded"
    assert len(sandbox.stripe().v1.payment_intents.list().data) == 1


def test_a_failure_after_the_work_is_kept_for_its_key(sandbox: RunningSandbox, api):
    """As Stripe says: the same key gets the same answer, 500s among them. Only reading tells what happened."""
    break_next(sandbox, action="status", status=503, when="after", path="/v1/payment_intents")
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            api.v1.payment_intents.create(PAID, {"idempotency_key": "k"})
        assert failed.value.http_status == 503
    assert [each.status for each in api.v1.payment_intents.list().data] == ["succeeded"]


def test_a_failure_before_the_work_is_not_kept(sandbox: RunningSandbox, api):
    break_next(sandbox, action="status", status=500, when="before", path="/v1/payment_intents")
    with pytest.raises(stripe.APIError):
        api.v1.payment_intents.create(PAID, {"idempotency_key": "k"})
    assert api.v1.payment_intents.create(PAID, {"idempotency_key": "k"}).status == "succeeded"


def test_too_many_requests(sandbox: RunningSandbox, api):
    break_next(sandbox, action="status", status=429, when="before")
    with pytest.raises(stripe.RateLimitError):
        api.v1.customers.create({})


def test_a_slow_answer_times_out_though_the_work_is_done(sandbox: RunningSandbox):
    break_next(sandbox, action="delay", delay_s=0.6, when="after", path="/confirm")
    api = sandbox.stripe()
    intent = api.v1.payment_intents.create({**PAID, "confirm": False})
    hasty = stripe.StripeClient(
        sandbox.settings.stripe_secret_key,
        base_addresses={"api": sandbox.stripe_base},
        http_client=stripe.RequestsClient(timeout=0.2),
        max_network_retries=0,
    )
    with pytest.raises(stripe.APIConnectionError):
        hasty.v1.payment_intents.confirm(intent.id)
    assert api.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_rules_strike_only_what_they_name_and_only_as_often(sandbox: RunningSandbox, api):
    break_next(sandbox, action="status", status=500, when="before", method="post", path="/customers$", skip=1, times=2)
    api.v1.payment_intents.list()
    api.v1.customers.create({})
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            api.v1.customers.create({})
    api.v1.customers.create({})
    assert requests.get(f"{sandbox.address}/control/faults", timeout=TIMEOUT_S).json() == {"faults": []}


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "explode"},
        {"action": "drop", "when": "never"},
        {"action": "status", "status": 200},
        {"action": "drop", "times": 0},
        {"action": "drop", "path": "("},
        {"action": "drop", "unknown": 1},
        {"action": "delay", "delay_s": "long"},
    ],
)
def test_a_rule_that_means_nothing_is_refused(sandbox: RunningSandbox, rule):
    answer = requests.post(f"{sandbox.address}/control/faults", json=rule, timeout=TIMEOUT_S)
    assert answer.status_code == 400


def test_faults_are_cleared(sandbox: RunningSandbox, api):
    break_next(sandbox, action="drop", times=100)
    requests.delete(f"{sandbox.address}/control/faults", timeout=TIMEOUT_S)
    assert api.v1.customers.create({}).id


def test_what_was_asked_can_be_read(sandbox: RunningSandbox, api):
    paid = api.v1.payment_intents.create(PAID, {"idempotency_key": "k"})
    break_next(sandbox, action="drop", path="/v1/customers")
    with pytest.raises(stripe.APIConnectionError):
        api.v1.customers.create({"email": "ana@example.com"})
    first, second = requests.get(f"{sandbox.address}/control/requests", timeout=TIMEOUT_S).json()["requests"]
    assert (first["method"], first["path"], first["status"]) == ("POST", "/v1/payment_intents", 200)
    assert (first["idempotency_key"], first["replayed"]) == ("k", False)
    assert (first["request_id"], first["params"]["amount"]) == (paid.last_response.request_id, "1000")
    assert (second["path"], second["fault"], second["status"]) == ("/v1/customers", "drop", None)
    requests.delete(f"{sandbox.address}/control/requests", timeout=TIMEOUT_S)
    assert sandbox.parts.journal.entries() == []
