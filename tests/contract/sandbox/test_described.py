"""Stripe's and Twilio's own descriptions, where they are at hand: every operation, and what objects hold."""

import json
from typing import Any

import pytest
import stripe

from sandbox.stripe.api import RESOURCES
from sandbox.stripe.call import OPERATIONS
from tests.contract.sandbox.conftest import BY_CARD, typed_card
from tests.support.openapi import check_recording, described, require_descriptions
from tests.support.sandbox import RunningSandbox

NEWER = {
    "charge": {"destination", "dispute", "order", "source"},
    "payment_intent": {"payment_method_configuration_details", "source"},
    "payment_method": {"allow_redisplay"},
    "refund": {"destination_details"},
    "setup_intent": {"payment_method_configuration_details"},
}
"""What Stripe's present API answers and the description, an older one, does not know."""

ABSENT = {
    "charge": {"invoice", "refunds", "transfer"},
    "customer": {
        "cash_balance",
        "invoice_credit_balance",
        "sources",
        "subscriptions",
        "tax",
        "tax_ids",
    },
    "dispute": {"enhanced_eligibility_types", "network_reason_code", "payment_method_details"},
    "event": {"account"},
    "payment_intent": {"invoice"},
    "refund": {"description", "failure_balance_transaction", "failure_reason", "instructions_email", "next_action"},
    "setup_intent": {"attach_to_self"},
}
"""What the description lists and an answer lacks: shown only when expanded, for other methods, or since removed."""


@pytest.fixture(autouse=True)
def _at_hand() -> None:
    require_descriptions()


def everything(sandbox: RunningSandbox, api: Any, browser_api: Any) -> None:
    """Calls every operation, with every parameter that it takes."""
    v1 = api.v1
    address = dict.fromkeys(("city", "line1", "line2", "postal_code", "state"), "x") | {"country": "US"}
    details = {"address": address, "email": "a@example.com", "name": "Ana", "phone": "+14155550123"}
    customer = v1.customers.create(
        {**details, "description": "d", "metadata": {"a": "b"}, "payment_method": "pm_card_visa", "expand": []}
    )
    v1.customers.retrieve(customer.id, {"expand": ["invoice_settings.default_payment_method"]})
    card = browser_api.v1.payment_methods.create(
        {
            "type": "card",
            "card": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2040, "cvc": "123"},
            "billing_details": details,
            "metadata": {"a": "b"},
        }
    )
    v1.payment_methods.attach(card.id, {"customer": customer.id})
    v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}, "metadata": {"a": ""}})
    v1.payment_methods.retrieve(card.id, {"expand": ["customer"]})
    v1.payment_methods.list({"customer": customer.id, "type": "card", "limit": 1})
    v1.customers.payment_methods.list(customer.id, {"type": "card", "ending_before": card.id})
    v1.customers.payment_methods.retrieve(customer.id, card.id)
    intent = v1.payment_intents.create(
        {
            "amount": 1234,
            "currency": "usd",
            "customer": customer.id,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "confirmation_method": "automatic",
            "capture_method": "automatic",
            "description": "d",
            "metadata": {"a": "b"},
            "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
            "receipt_email": "a@example.com",
            "setup_future_usage": "off_session",
            "statement_descriptor_suffix": "LAWN",
        }
    )
    v1.payment_intents.confirm(
        intent.id,
        {
            "payment_method": card.id,
            "off_session": True,
            "error_on_requires_action": False,
            "return_url": "https://portal.example/back",
            "use_stripe_sdk": True,
            "expand": ["latest_charge", "payment_method", "customer"],
        },
    )
    paid = v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.refunds"]})
    refund = v1.refunds.create(
        {"payment_intent": intent.id, "amount": 34, "reason": "duplicate", "metadata": {"a": "b"}}
    )
    v1.refunds.retrieve(refund.id, {"expand": ["charge", "payment_intent"]})
    v1.refunds.list({"payment_intent": intent.id, "limit": 2})
    v1.charges.retrieve(paid.latest_charge.id, {"expand": ["customer", "refunds"]})
    v1.payment_intents.list({"customer": customer.id, "expand": ["data.latest_charge"]})
    v1.payment_intents.search({"query": "status:'succeeded'", "limit": 1})
    asks = typed_card(browser_api, "4000002760003184")
    disputed = typed_card(browser_api, "4000000000000259")
    sale = {"amount": 500, "currency": "usd", "automatic_payment_methods": BY_CARD, "confirm": True}
    for ending in ("winning_evidence", "losing_evidence", ""):
        lost = v1.payment_intents.create({**sale, "payment_method": disputed.id if ending else "pm_card_createDispute"})
        (dispute,) = v1.disputes.list({"payment_intent": lost.id, "limit": 1}).data
        if ending:
            evidence = {"uncategorized_text": ending}
            v1.disputes.update(dispute.id, {"evidence": evidence, "submit": True, "metadata": {"a": "b"}})
            disputed = typed_card(browser_api, "4000000000000259")
        else:
            v1.disputes.close(dispute.id)
        v1.disputes.retrieve(dispute.id, {"expand": ["charge"]})
    waiting = v1.payment_intents.create({**sale, "payment_method": asks.id})
    browser_api.v1.payment_intents.retrieve(waiting.id, {"client_secret": waiting.client_secret})
    v1.payment_intents.cancel(waiting.id, {"cancellation_reason": "requested_by_customer"})
    for number in ("4000000000000002", "4000000000009995", "4000000000000127"):
        with pytest.raises(stripe.CardError):
            v1.payment_intents.create({**sale, "payment_method": typed_card(browser_api, number).id})
    setup = v1.setup_intents.create(
        {
            "customer": customer.id,
            "usage": "off_session",
            "automatic_payment_methods": BY_CARD,
            "description": "d",
            "metadata": {"a": "b"},
        }
    )
    browser_api.v1.setup_intents.retrieve(setup.id, {"client_secret": setup.client_secret})
    v1.setup_intents.confirm(setup.id, {"payment_method": asks.id, "return_url": "https://portal.example/back"})
    v1.setup_intents.cancel(setup.id, {"cancellation_reason": "abandoned"})
    v1.payment_methods.detach(card.id)
    events = v1.events.list({"limit": 100, "types": ["charge.succeeded", "refund.created"], "created": {"gte": 1}})
    v1.events.retrieve(events.data[0].id)
    sandbox.parts.texts.send(
        to="+14155550123", body="x", sender=None, service_sid="MG" + "0" * 32, status_callback=None
    )


def test_every_operation_is_as_stripe_describes_it(sandbox, api, browser_api, settings):
    everything(sandbox, api, browser_api)
    report = check_recording(settings.record_file)
    assert report.problems == []
    made = set(report.exchanges)
    assert RESOURCES
    assert {f"{each.method} {each.path.replace('<', '{').replace('>', '}')}" for each in OPERATIONS} <= made


def test_events_are_as_stripe_describes_them(sandbox, api, browser_api, settings):
    """Their objects too, though the description leaves the type of those open."""
    everything(sandbox, api, browser_api)
    description = described("stripe")
    events = list(api.v1.events.list({"limit": 100}).auto_paging_iter())
    assert len({each.type for each in events}) >= 15
    for event in events:
        told = event.data.object.to_dict()
        assert description.problems("event", event.to_dict()) == []
        assert description.problems(told["object"], told) == [], event.type


@pytest.mark.parametrize(
    "kind", ["charge", "customer", "dispute", "event", "payment_intent", "payment_method", "refund", "setup_intent"]
)
def test_an_object_holds_what_stripes_holds_and_nothing_else(sandbox, api, browser_api, settings, kind):
    everything(sandbox, api, browser_api)
    seen: set[str] = set()
    expanded = {"charge": "refunds"}
    for line in settings.record_file.read_text().splitlines():
        exchange = json.loads(line)
        hidden_from_browsers = "client_secret" in exchange["params"]
        for found in objects(exchange["answer"], kind):
            seen |= set(found)
            lacks = ABSENT.get(kind, set()) - {expanded.get(kind)}
            known = set(description_properties(kind))
            if kind == "payment_method":
                known &= {
                    "id",
                    "object",
                    "billing_details",
                    "card",
                    "created",
                    "customer",
                    "livemode",
                    "metadata",
                    "type",
                }
            if not hidden_from_browsers:
                assert known - set(found) <= lacks | {expanded.get(kind)}, exchange["operation"]
    assert seen
    assert seen - set(description_properties(kind)) == NEWER.get(kind, set())


def description_properties(kind: str) -> list[str]:
    return list(described("stripe").schema(kind)["properties"])


def objects(answer: object, kind: str) -> list[dict[str, Any]]:
    """Every object of a kind anywhere in an answer."""
    if isinstance(answer, list):
        return [found for each in answer for found in objects(each, kind)]
    if not isinstance(answer, dict):
        return []
    inner = [found for each in answer.values() for found in objects(each, kind)]
    return [*inner, answer] if answer.get("object") == kind else inner


def test_a_wrong_answer_would_be_noticed(sandbox, api, customer, settings):
    lines = settings.record_file.read_text().splitlines()
    for name, wrong in (("created", "yesterday"), ("object", "client"), ("metadata", {"a": 1}), ("id", None)):
        exchange = json.loads(lines[0])
        exchange["answer"][name] = wrong
        assert described("stripe").check(exchange), name
    exchange = json.loads(lines[0])
    del exchange["answer"]["livemode"]
    assert described("stripe").check(exchange)


@pytest.mark.parametrize(
    "params", [{"emial": "a"}, {"balance": "much"}, {"invoice_settings": {"default_payment_method": {"id": "pm_1"}}}]
)
def test_a_wrong_request_would_be_noticed(sandbox, api, customer, settings, params):
    exchange = json.loads(settings.record_file.read_text().splitlines()[0])
    assert described("stripe").check(exchange) == []
    assert described("stripe").check(exchange | {"params": params})
