"""No more is refunded than was captured."""

import pytest
import stripe

from tests.contract.sandbox.conftest import BY_CARD


@pytest.fixture
def paid(api):
    return api.v1.payment_intents.create(
        {
            "amount": 1000,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "automatic_payment_methods": BY_CARD,
            "confirm": True,
        }
    )


def test_a_refund_without_an_amount_returns_all_that_is_left(api, paid):
    first = api.v1.refunds.create({"payment_intent": paid.id, "amount": 300, "reason": "requested_by_customer"})
    rest = api.v1.refunds.create({"charge": paid.latest_charge})
    assert (first.status, first.amount, rest.amount) == ("succeeded", 300, 700)
    charge = api.v1.charges.retrieve(paid.latest_charge, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    assert [each.id for each in charge.refunds.data] == [rest.id, first.id]
    assert [each.id for each in api.v1.refunds.list({"payment_intent": paid.id}).data] == [rest.id, first.id]
    assert api.v1.refunds.retrieve(first.id).payment_intent == paid.id


def test_more_than_is_left_is_refused(api, paid):
    api.v1.refunds.create({"payment_intent": paid.id, "amount": 600})
    with pytest.raises(
        stripe.InvalidRequestError, match=r"\(\$6\.00\) is greater than unrefunded amount .*\(\$4\.00\)"
    ):
        api.v1.refunds.create({"payment_intent": paid.id, "amount": 600})
    assert api.v1.charges.retrieve(paid.latest_charge).amount_refunded == 600


def test_what_is_all_refunded_is_not_refunded_again(api, paid):
    api.v1.refunds.create({"payment_intent": paid.id})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.v1.refunds.create({"payment_intent": paid.id})
    assert refused.value.code == "charge_already_refunded"


def test_an_unpaid_intent_has_nothing_to_refund(api):
    intent = api.v1.payment_intents.create({"amount": 1000, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        api.v1.refunds.create({"payment_intent": intent.id})
