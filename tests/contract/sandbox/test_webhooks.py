"""Webhooks are signed as Stripe signs, sent until taken, and now and then sent twice or out of order."""

import json
from dataclasses import replace

import pytest
import requests
import stripe

from tests.contract.sandbox.conftest import BY_CARD
from tests.support.sandbox import TIMEOUT_S, Listener, RunningSandbox, running_sandbox

PAID = {
    "amount": 1000,
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "automatic_payment_methods": BY_CARD,
    "confirm": True,
}
PAID_EVENTS = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_a_payment_is_told_in_order_and_verified_by_stripes_library(api, sandbox: RunningSandbox, listener: Listener):
    paid = api.v1.payment_intents.create(PAID, {"idempotency_key": "pay-1"})
    arrived = listener.wait_for(3)
    secret = sandbox.settings.stripe_webhook_secret
    events = [stripe.Webhook.construct_event(each.body, each.headers["Stripe-Signature"], secret) for each in arrived]
    assert [each.type for each in events] == PAID_EVENTS
    assert events[2].data.object["id"] == paid.id
    assert events[2].request.idempotency_key == "pay-1"
    assert events[2].request.id == paid.last_response.request_id
    assert api.v1.events.retrieve(events[2].id).data.object["status"] == "succeeded"
    assert arrived[0].path == "/webhooks/stripe"


def test_a_changed_body_does_not_verify(api, sandbox: RunningSandbox, listener: Listener):
    api.v1.customers.create({})
    (webhook,) = listener.wait_for(1)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(
            webhook.body.replace("customer", "Customer"),
            webhook.headers["Stripe-Signature"],
            sandbox.settings.stripe_webhook_secret,
        )


@pytest.mark.parametrize("refusal", [500, 404, 302, 400])
def test_a_webhook_is_sent_until_it_is_taken(api, listener: Listener, refusal):
    listener.answers = [refusal, refusal]
    api.v1.customers.create({})
    arrived = listener.wait_for(3)
    assert len({each.body for each in arrived}) == 1


def test_a_listener_that_is_away_gets_its_webhooks_when_it_is_back(settings, listener: Listener, tmp_path):
    """What was not delivered outlives the sandbox's own restart."""
    away = replace(
        settings, folder=tmp_path / "state", stripe_webhook_url="http://127.0.0.1:9/nobody", record_file=None
    )
    with running_sandbox(away) as sandbox:
        sandbox.stripe().v1.customers.create({})
    back = replace(away, stripe_webhook_url=f"{listener.address}/webhooks/stripe")
    with running_sandbox(back) as sandbox:
        # The address of a webhook is fixed when it is made, so the undelivered one still goes to nobody.
        assert sandbox.parts.deliveries.count()["pending"] == 1
        sandbox.stripe().v1.customers.create({})
        assert json.loads(listener.wait_for(1)[0].body)["type"] == "customer.created"


def test_webhooks_that_were_held_at_the_end_are_sent_after_a_restart(settings, listener: Listener, tmp_path):
    kept = replace(settings, folder=tmp_path / "state", record_file=None)
    with running_sandbox(kept) as sandbox:
        sandbox.parts.deliveries.hold()
        customer = sandbox.stripe().v1.customers.create({})
    assert listener.arrived == []
    with running_sandbox(kept):
        (webhook,) = listener.wait_for(1)
    assert json.loads(webhook.body)["data"]["object"]["id"] == customer.id


def test_held_webhooks_leave_when_released(api, sandbox: RunningSandbox, listener: Listener):
    control = f"{sandbox.address}/control/webhooks"
    requests.post(f"{control}/hold", timeout=TIMEOUT_S)
    api.v1.payment_intents.create(PAID)
    state = requests.get(control, timeout=TIMEOUT_S).json()
    assert (state["held"], state["count"]["pending"], listener.arrived) == (True, 3, [])
    requests.post(f"{control}/release", timeout=TIMEOUT_S)
    assert len(listener.wait_for(3)) == 3


def test_a_webhook_is_repeated_on_demand(api, sandbox: RunningSandbox, listener: Listener):
    api.v1.customers.create({})
    (first,) = listener.wait_for(1)
    event_id = json.loads(first.body)["id"]
    repeated = requests.post(f"{sandbox.address}/control/webhooks/{event_id}/repeat", timeout=TIMEOUT_S).json()
    assert repeated == {"repeated": 1}
    assert [each.body for each in listener.wait_for(2)] == [first.body, first.body]


def test_now_and_then_one_is_sent_twice_and_one_overtaken(noisy: RunningSandbox, listener: Listener):
    noisy.parts.deliveries.hold()
    made = [noisy.stripe().v1.customers.create({}).id for _ in range(6)]
    noisy.parts.deliveries.release()
    told = [json.loads(each.body)["data"]["object"]["id"] for each in listener.wait_for(9)]
    assert {each: told.count(each) for each in made} == dict(zip(made, [1, 2, 1, 2, 1, 2], strict=True))


def test_an_overtaken_webhook_arrives_after_a_later_one(settings, listener: Listener):
    with running_sandbox(replace(settings, webhook_reorder_every=3, record_file=None)) as sandbox:
        made = [sandbox.stripe().v1.customers.create({}).id for _ in range(4)]
        told = [json.loads(each.body)["data"]["object"]["id"] for each in listener.wait_for(4)]
    assert told == [made[0], made[1], made[3], made[2]]


def test_only_the_events_that_were_asked_for_are_told(settings, listener: Listener):
    chosen = replace(settings, stripe_webhook_events=("payment_intent.succeeded",), record_file=None)
    with running_sandbox(chosen) as sandbox:
        sandbox.stripe().v1.payment_intents.create(PAID)
        (only,) = listener.wait_for(1)
        assert sum(sandbox.parts.deliveries.count().values()) == 1
        assert [each.type for each in sandbox.stripe().v1.events.list().data][::-1] == PAID_EVENTS
    assert json.loads(only.body)["type"] == "payment_intent.succeeded"


def test_a_refused_request_tells_nothing(api, sandbox: RunningSandbox):
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.payment_intents.create({**PAID, "payment_method": "pm_none"})
    assert sandbox.parts.deliveries.count()["pending"] == 0
    assert api.v1.events.list().data == []
