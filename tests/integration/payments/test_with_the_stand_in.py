"""The protocol over HTTP, with Stripe's own library and a stand-in that keeps Stripe's rules."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from chassis.database import Database
from contracts.identity import ContactChanged
from contracts.payments import (
    CancelPayment,
    ContinueCardSetup,
    ContinuePayment,
    ListCards,
    PaymentSucceeded,
    ReceiveStripeWebhook,
    RemoveCard,
)
from contracts.wire import Refused
from sandbox.settings import Settings
from services.payments.models import StripeEvent
from tests.support.openapi import check_recording, description_file
from tests.support.payments import CUSTOMER, Crash, Payments
from tests.support.payments_stand_in import StandIn, with_webhooks
from tests.support.sandbox import calm
from tests.support.waiting import eventually

VISA = "pm_card_visa"
ASKS = "pm_card_authenticationRequired"


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> Iterator[tuple[Payments, StandIn]]:
    """payments and the stand-in; at the end all that they said is as Stripe describes it, where that is at hand."""
    recording = tmp_path / "exchanges.jsonl"
    with with_webhooks(sqlite_database, calm(Settings(record_file=recording))) as (payments, stripe):
        yield payments, stripe
    if description_file("stripe").is_file():
        assert check_recording(recording).problems == []


def _assert_even(payments: Payments, stripe: StandIn) -> None:
    assert stripe.captured_minor() == payments.recorded_minor()
    assert max(stripe.charges_by_payment().values(), default=0) <= 1


def test_a_card_is_charged_through_stripes_own_library(house):
    payments, stripe = house

    view = payments.pay(payment_method=VISA)

    assert (view.state, view.card_brand, view.card_last4) == ("succeeded", "visa", "4242")
    (intent,) = stripe.intents()
    assert (intent.amount_received, intent.currency, intent.description) == (5_000, "usd", "Invoices 1001")
    assert intent.to_dict()["metadata"] == {"payment_id": view.payment_id}
    _assert_even(payments, stripe)


def test_a_payment_costs_two_calls_once_the_customer_is_known(house):
    payments, stripe = house
    payments.pay(payment_method=VISA)
    payments.billing.customers.clear()
    stripe.sandbox.parts.journal.clear()

    payments.pay(key="form-2", payment_method=VISA)

    asked = [(entry["method"], entry["operation"]) for entry in stripe.sandbox.parts.journal.entries()]
    assert asked == [
        ("POST", "/v1/payment_intents"),
        ("POST", "/v1/payment_intents/{intent}/confirm"),
    ]


def test_the_intent_is_made_unconfirmed_under_the_payments_own_id(house):
    payments, stripe = house

    view = payments.pay(payment_method=VISA)

    (made,) = stripe.requests("create_intent")
    assert made["idempotency_key"] == view.payment_id
    assert "confirm" not in made["params"]


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("pm_card_visa_chargeDeclined", "without giving a reason"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "not enough money"),
        ("pm_card_visa_chargeDeclinedStolenCard", "without giving a reason"),
        ("pm_card_chargeDeclinedExpiredCard", "expired"),
        ("pm_card_chargeDeclinedIncorrectCvc", "security code"),
        ("pm_card_chargeDeclinedProcessingError", "went wrong"),
        ("pm_card_chargeCustomerFail", "without giving a reason"),
    ],
)
def test_each_of_stripes_declining_cards_is_told_in_plain_words(house, card, words):
    payments, stripe = house

    view = payments.pay(payment_method=card)

    assert view.state == "failed"
    assert view.decline is not None
    assert words in view.decline.message
    assert [intent.status for intent in stripe.intents()] == ["canceled"]
    assert not payments.billing.holds
    assert payments.pay(key="form-2", payment_method=VISA).state == "succeeded"
    _assert_even(payments, stripe)


def test_a_payment_method_that_does_not_exist_is_a_decline(house):
    payments, stripe = house

    view = payments.pay(payment_method="pm_unknown")

    assert view.state == "failed"
    assert stripe.intents() == []
    assert not payments.billing.holds


def test_a_kept_card_pays_again(house):
    payments, stripe = house
    payments.pay(payment_method=VISA, save_card=True)
    (card,) = payments.ask(ListCards(customer_id=CUSTOMER)).cards
    payments.billing.customers.clear()

    view = payments.pay(key="form-2", payment_method=None, card_id=card.card_id)

    assert (view.state, view.card_last4, card.last4) == ("succeeded", "4242", "4242")
    _assert_even(payments, stripe)


def test_a_card_that_was_not_kept_cannot_be_used_again(house):
    payments, _stripe = house
    payments.pay(payment_method=VISA)

    assert payments.ask(ListCards(customer_id=CUSTOMER)).cards == []


def test_not_even_a_log_for_debugging_holds_what_only_the_browser_may_have(house, caplog):
    payments, _stripe = house
    caplog.set_level(logging.DEBUG)

    asked = payments.pay(payment_method=ASKS)

    assert asked.client_secret
    assert asked.client_secret not in caplog.text


@pytest.mark.parametrize(("completed", "state"), [(True, "succeeded"), (False, "failed")])
def test_the_banks_question_answered_in_the_browser_settles_the_payment(house, completed, state):
    payments, stripe = house
    asked = payments.pay(payment_method=ASKS)
    assert asked.state == "requires_action"
    assert asked.client_secret

    stripe.authenticate(payments.only().stripe_intent_id, completed=completed)
    view = payments.ask(ContinuePayment(customer_id=CUSTOMER, payment_id=asked.payment_id))

    assert view.state == state
    assert bool(payments.billing.holds) == completed, "billing lets go of a success by its event"
    _assert_even(payments, stripe)


def test_a_decline_after_the_banks_question_is_a_decline(house):
    payments, stripe = house
    asked = payments.pay(payment_method="pm_card_authenticationRequiredChargeDeclinedInsufficientFunds")
    stripe.authenticate(payments.only().stripe_intent_id)

    view = payments.ask(ContinuePayment(customer_id=CUSTOMER, payment_id=asked.payment_id))

    assert view.state == "failed"
    assert view.decline.decline_code == "insufficient_funds"


def test_given_up_at_the_banks_question_the_intent_is_cancelled(house):
    payments, stripe = house
    asked = payments.pay(payment_method=ASKS)

    view = payments.ask(CancelPayment(customer_id=CUSTOMER, payment_id=asked.payment_id))

    assert view.state == "cancelled"
    assert [intent.status for intent in stripe.intents()] == ["canceled"]


@pytest.mark.parametrize("action", ["drop", "status"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", ["create_intent", "confirm_intent"])
def test_a_lost_answer_is_settled_by_the_reconciler(house, call, when, action):
    payments, stripe = house
    payments.pay(key="first", payment_method=VISA)  # so that the customer is known
    payments.billing.customers.clear()
    stripe.lose(call, when, action=action)

    assert payments.pay(key="second", payment_method=VISA).state == "unknown"
    payments.pass_time(minutes=5)

    assert [row.state for row in payments.rows()] == ["succeeded", "succeeded"]
    assert len(stripe.intents()) == 2
    _assert_even(payments, stripe)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", ["create_customer", "create_intent", "confirm_intent"])
def test_the_library_repeats_a_lost_call_with_the_same_key(house, call, when):
    payments, stripe = house
    object.__setattr__(payments.tools, "provider", stripe.provider(retries=2))
    stripe.lose(call, when)

    assert payments.pay(payment_method=VISA).state == "succeeded"

    assert len(stripe.intents()) == 1
    assert len({entry["idempotency_key"] for entry in stripe.requests(call)}) == 1
    _assert_even(payments, stripe)


def test_a_call_that_takes_too_long_is_unknown_and_not_repeated_with_a_new_key(house):
    payments, stripe = house
    object.__setattr__(payments.tools, "provider", stripe.provider(timeout_s=0.3))
    stripe.lose("confirm_intent", "after", action="delay", delay_s=1.0)

    assert payments.pay(payment_method=VISA).state == "unknown"
    payments.pass_time(minutes=5)

    assert payments.only().state == "succeeded"
    _assert_even(payments, stripe)


def test_a_webhook_settles_what_a_killed_worker_left(house):
    payments, stripe = house
    payments.doom("confirm_intent", "after")
    with pytest.raises(Crash):
        payments.pay(payment_method=VISA)
    _wait_for_webhooks(payments, 4)

    payments.pass_time(minutes=2)

    assert payments.only().state == "succeeded"
    _assert_even(payments, stripe)


def test_webhooks_twice_and_out_of_order_tell_once(sqlite_database: Database):
    settings = Settings(webhook_duplicate_every=1, webhook_reorder_every=2)
    with with_webhooks(sqlite_database, settings) as (payments, stripe):
        payments.pay(payment_method=VISA)
        asked = payments.pay(key="form-2", customer_id="0190c000-0000-7000-8000-0000000000ff", payment_method=ASKS)
        stripe.authenticate(str(payments.rows()[1].stripe_intent_id))
        _wait_for_webhooks(payments, 6)
        payments.pass_time(seconds=5)

        assert asked.state == "requires_action"
        assert [row.state for row in payments.rows()] == ["succeeded", "succeeded"]
        assert len(payments.events(PaymentSucceeded)) == 2
        _assert_even(payments, stripe)


def test_a_forged_webhook_is_not_taken(house):
    payments, _stripe = house
    body = '{"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1"}}}'
    for signature in ("", "nonsense", "t=1,v1=00", "t=now,v1=00"):
        with pytest.raises(Refused):
            payments.ask(ReceiveStripeWebhook(payload=body, signature=signature))


def test_new_contact_data_reaches_the_customer_at_stripe(house):
    payments, stripe = house
    payments.pay(payment_method=VISA)

    payments.hear(_contact(email="ada@example.com"))
    payments.work()

    (customer,) = stripe.customers()
    assert (customer["name"], customer["email"]) == ("Ada", "ada@example.com")


def test_an_address_that_stripe_refuses_does_not_stop_a_payment(house):
    payments, _stripe = house
    payments.hear(_contact(email="not an address"))

    assert payments.pay(payment_method=VISA).state == "succeeded"


def _contact(*, email: str) -> ContactChanged:
    return ContactChanged(
        customer_id=CUSTOMER,
        version=1,
        reference="C-1",
        name="Ada",
        email=email,
        phone=None,
        address=None,
        origin="portal",
    )


def _wait_for_webhooks(payments: Payments, count: int) -> None:
    def arrived() -> bool:
        with payments.database.read() as session:
            return (session.scalar(select(func.count()).select_from(StripeEvent)) or 0) >= count

    eventually(arrived)


def test_a_card_is_saved_charged_and_removed_through_stripes_own_library(house):
    payments, stripe = house

    card = payments.saved_card(VISA)
    assert (card.brand, card.last4) == ("visa", "4242")
    assert payments.pay(payment_method=None, card_id=card.card_id).state == "succeeded"
    payments.ask(RemoveCard(customer_id=CUSTOMER, card_id=card.card_id))
    payments.work()

    (detached,) = stripe.events("payment_method.detached")
    assert detached["data"]["object"]["customer"] is None
    _assert_even(payments, stripe)


def test_a_card_that_the_bank_asks_about_is_saved_when_its_webhook_comes(house):
    payments, stripe = house
    view = payments.add_card(ASKS)
    assert (view.state, view.client_secret is not None) == ("requires_action", True)

    (asked,) = stripe.events("setup_intent.requires_action")
    stripe.authenticate(asked["data"]["object"]["id"])
    eventually(lambda: (payments.work(), payments.cards())[1])

    assert payments.ask(ContinueCardSetup(customer_id=CUSTOMER, setup_id=view.setup_id)).state == "succeeded"


def test_a_card_that_the_bank_refuses_to_have_saved_is_a_decline(house):
    payments, _ = house

    view = payments.add_card("pm_card_visa_chargeDeclinedInsufficientFunds")

    assert view.state == "failed"
    assert view.decline is not None
    assert view.decline.decline_code == "insufficient_funds"
