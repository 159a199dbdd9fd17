"""Keys, parameters, pages and expansion: what is wrong is said in Stripe's words and codes."""

import pytest
import requests
import stripe

from tests.contract.sandbox.conftest import BY_CARD
from tests.support.sandbox import TIMEOUT_S, RunningSandbox, running_sandbox

SALE = {"amount": 1000, "currency": "usd", "automatic_payment_methods": BY_CARD}


@pytest.mark.parametrize("key", ["sk_test_wrong", "sk_live_sandbox", "pk_test_wrong"])
def test_a_wrong_key_is_refused_and_not_shown(sandbox: RunningSandbox, key):
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key provided") as refused:
        sandbox.stripe(key=key).v1.events.list()
    assert refused.value.http_status == 401


def test_no_key_is_refused(sandbox: RunningSandbox):
    answer = requests.get(f"{sandbox.stripe_base}/v1/customers/cus_1", timeout=TIMEOUT_S)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith("You did not provide an API key.")
    assert answer.headers["Request-Id"].startswith("req_")


def test_the_publishable_key_reaches_nothing_that_is_the_servers(browser_api):
    for refused in (
        lambda: browser_api.v1.customers.create({}),
        lambda: browser_api.v1.payment_intents.create(SALE),
        lambda: browser_api.v1.refunds.create({"charge": "ch_1"}),
        lambda: browser_api.v1.events.list(),
    ):
        with pytest.raises(stripe.PermissionError, match="cannot be made with a publishable API key"):
            refused()


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({**SALE, "amuont": 1}, "parameter_unknown", "amuont"),
        ({**SALE, "automatic_payment_methods": {"enabled": True, "x": 1}}, "parameter_unknown", None),
        ({"currency": "usd"}, "parameter_missing", "amount"),
        ({**SALE, "amount": "ten"}, "parameter_invalid_integer", "amount"),
        ({**SALE, "amount": "10.50"}, "parameter_invalid_integer", "amount"),
        ({**SALE, "amount": -500}, "parameter_invalid_integer", "amount"),
        ({**SALE, "currency": ""}, "parameter_invalid_empty", "currency"),
        ({**SALE, "currency": "xyz"}, None, "currency"),
        ({**SALE, "confirm": "maybe"}, None, "confirm"),
        ({**SALE, "capture_method": "later"}, None, "capture_method"),
        ({**SALE, "customer": "cus_none"}, "resource_missing", "customer"),
        ({**SALE, "payment_method": "pm_none"}, "resource_missing", "payment_method"),
    ],
)
def test_wrong_parameters_are_named(api, params, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.v1.payment_intents.create(params)
    assert (refused.value.http_status, refused.value.code) == (400, code)
    if param is not None:
        assert refused.value.param == param


@pytest.mark.parametrize("email", ["nobody", "ana@", "ana@example", "ana ruiz@example.com", "x" * 600 + "@example.com"])
def test_an_address_that_is_none_is_refused(api, customer, email):
    for refused_by in (lambda: api.v1.customers.create({"email": email}), lambda: change(api, customer, email)):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            refused_by()
        assert refused.value.param == "email"
    assert api.v1.customers.retrieve(customer.id).email == "ana@example.com"


def change(api, customer, email):
    return api.v1.customers.update(customer.id, {"email": email})


def test_what_does_not_exist_is_404(api):
    for retrieve in (
        api.v1.payment_intents.retrieve,
        api.v1.customers.retrieve,
        api.v1.payment_methods.retrieve,
        api.v1.setup_intents.retrieve,
        api.v1.charges.retrieve,
        api.v1.refunds.retrieve,
        api.v1.events.retrieve,
    ):
        with pytest.raises(stripe.InvalidRequestError, match="No such") as missing:
            retrieve("xx_none")
        assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")


def test_an_unknown_address_is_said_to_be_unrecognized(api):
    with pytest.raises(stripe.InvalidRequestError, match=r"Unrecognized request URL \(GET: /v1/balance\)"):
        api.v1.balance.retrieve()


def test_metadata_is_merged_and_cleared(api, customer):
    api.v1.customers.update(customer.id, {"metadata": {"a": "1", "b": "2"}})
    api.v1.customers.update(customer.id, {"metadata": {"a": "", "c": "3"}})
    assert api.v1.customers.retrieve(customer.id).metadata.to_dict() == {"b": "2", "c": "3"}
    api.v1.customers.update(customer.id, {"metadata": ""})
    assert api.v1.customers.retrieve(customer.id).metadata.to_dict() == {}


def test_updating_one_field_leaves_the_others(api, customer):
    api.v1.customers.update(customer.id, {"address": {"city": "Bath", "country": "GB"}, "phone": "+441225000000"})
    api.v1.customers.update(customer.id, {"address": {"city": "Wells"}, "phone": ""})
    now = api.v1.customers.retrieve(customer.id)
    assert (now.name, now.phone, now.address.city, now.address.country) == ("Ana", None, "Wells", "GB")


def test_lists_are_walked_newest_first_without_a_gap_or_a_repeat(api, customer):
    made = [api.v1.payment_intents.create({**SALE, "customer": customer.id}).id for _ in range(7)]
    api.v1.payment_intents.create(SALE)
    first = api.v1.payment_intents.list({"customer": customer.id, "limit": 3})
    assert (first.has_more, len(first.data)) == (True, 3)
    walked = [each.id for each in first.auto_paging_iter()]
    assert walked == made[::-1]
    back = api.v1.payment_intents.list({"customer": customer.id, "ending_before": made[3], "limit": 2})
    assert [each.id for each in back.data] == [made[5], made[4]]


def test_lists_are_narrowed_to_a_time():
    now = [1_800_000_000.0]
    with running_sandbox(clock=lambda: now[0]) as sandbox:
        api = sandbox.stripe()
        made = []
        for _ in range(3):
            made.append(api.v1.payment_intents.create(SALE).id)
            now[0] += 60
        later = api.v1.payment_intents.list({"created": {"gte": 1_800_000_060}})
        assert [each.id for each in later.data] == [made[2], made[1]]
        between = api.v1.payment_intents.list({"created": {"gt": 1_800_000_000, "lt": 1_800_000_120}})
        assert [each.id for each in between.data] == [made[1]]
        assert [each.id for each in api.v1.payment_intents.list({"created": 1_800_000_000}).data] == [made[0]]


def test_a_search_finds_by_customer_state_and_metadata(api, customer):
    mine = api.v1.payment_intents.create({**SALE, "customer": customer.id, "metadata": {"payment_id": "it's 1"}})
    other = api.v1.payment_intents.create({**SALE, "amount": 5000})

    def found(query: str) -> list[str]:
        return [each.id for each in api.v1.payment_intents.search({"query": query}).auto_paging_iter()]

    assert found(f"customer:'{customer.id}'") == [mine.id]
    assert found(r"metadata['payment_id']:'it\'s 1' AND status:'requires_payment_method'") == [mine.id]
    assert found("amount>1000") == [other.id]
    assert found("-metadata['payment_id']:null") == [mine.id]
    assert found("status:'succeeded' OR amount:5000") == [other.id]
    assert found("status:'succeeded'") == []
    for unreadable in ("nonsense", "customer:'a' AND status:'b' OR status:'c'", "card:'x'", "status:'a' extra"):
        with pytest.raises(stripe.InvalidRequestError, match="unable to parse your search query"):
            found(unreadable)


def test_what_is_expanded_is_the_object_itself(api, customer):
    paid = api.v1.payment_intents.create(
        {**SALE, "customer": customer.id, "payment_method": "pm_card_visa", "confirm": True}
    )
    seen = api.v1.payment_intents.retrieve(
        paid.id, {"expand": ["customer", "payment_method", "latest_charge.customer"]}
    )
    assert seen.customer.email == "ana@example.com"
    assert seen.payment_method.card.last4 == "4242"
    assert seen.latest_charge.customer.id == customer.id
    listed = api.v1.payment_intents.list({"expand": ["data.latest_charge"]})
    assert listed.data[0].latest_charge.paid
    with pytest.raises(stripe.InvalidRequestError, match=r"cannot be expanded \(amount\)"):
        api.v1.payment_intents.retrieve(paid.id, {"expand": ["amount"]})


def test_events_tell_what_happened_in_order(api, customer):
    api.v1.payment_intents.create({**SALE, "customer": customer.id, "payment_method": "pm_card_visa", "confirm": True})
    events = api.v1.events.list().data
    assert [each.type for each in events][::-1] == [
        "customer.created",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    assert events[0].data.object["status"] == "succeeded"
    assert api.v1.events.retrieve(events[2].id).data.object["status"] == "requires_confirmation"
    assert len(api.v1.events.list({"type": "charge.succeeded"}).data) == 1
    assert len(api.v1.events.list({"types": ["charge.succeeded", "customer.created"]}).data) == 2
