"""What customers are told about auto-pay, and how often."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from chassis.ids import new_id
from contracts.payments import (
    AutoPayCard,
    AutoPayCardExpiring,
    AutoPayChargeFailed,
    AutoPayChargeSkipped,
    AutoPayChargeUpcoming,
    AutoPayEnded,
    AutoPayEnrolled,
    AutoPayPaused,
)
from tests.support.notify_events import contact
from tests.support.notify_mail import text_of

CARD = AutoPayCard(brand="visa", last4="4242", exp_month=8, exp_year=2028)
NOW = datetime(2026, 4, 1, 13, tzinfo=UTC)
CUSTOMER = new_id()
INVOICE: dict[str, Any] = {
    "customer_id": CUSTOMER,
    "invoice_id": new_id(),
    "invoice_number": "INV-000042",
    "currency": "USD",
    "amount_minor": 8_450,
}


def failed(**changes: Any) -> AutoPayChargeFailed:
    values: dict[str, Any] = {
        "payment_id": new_id(),
        "card": CARD,
        "kind": "soft",
        "message": "There is not enough money available on the card. Nothing was charged.",
        "next_step": "Use another card.",
        "retry_on": date(2026, 4, 4),
        "is_first": True,
        "pauses": False,
    }
    return AutoPayChargeFailed(**(INVOICE | values | changes))


def paused(**changes: Any) -> AutoPayPaused:
    values: dict[str, Any] = {
        "customer_id": CUSTOMER,
        "reason": "declined",
        "card": CARD,
        "message": "The card has expired. Nothing was charged.",
        "next_step": "Use another card.",
        "paused_at": NOW,
        "is_told": False,
    }
    return AutoPayPaused(**(values | changes))


EVENTS = {
    "auto_pay_enrolled": AutoPayEnrolled(
        customer_id=CUSTOMER,
        currency="USD",
        card=CARD,
        maximum_minor=None,
        includes_balance=False,
        balance_minor=0,
        enrolled_at=NOW,
        charged_when="due",
    ),
    "auto_pay_ended": AutoPayEnded(customer_id=CUSTOMER, ended_at=NOW),
    "auto_pay_upcoming": AutoPayChargeUpcoming(
        **INVOICE, due_on=date(2026, 4, 4), charge_on=date(2026, 4, 4), card=CARD
    ),
    "auto_pay_skipped": AutoPayChargeSkipped(**INVOICE, due_on=date(2026, 4, 4), maximum_minor=5_000),
    "auto_pay_failed": failed(),
    "auto_pay_paused": paused(),
    "card_expiring": AutoPayCardExpiring(customer_id=CUSTOMER, card=CARD, expires_on=date(2028, 8, 31)),
}
SAID = {
    "auto_pay_enrolled": ["Any amount", "Visa ending in 4242", "three days before", "/billing-info"],
    "auto_pay_ended": ["Auto-pay is off", "/billing-info"],
    "auto_pay_upcoming": ["$84.50", "April 4, 2026", "Visa ending in 4242", "/billing-info"],
    "auto_pay_skipped": ["$84.50", "$50.00", f"/pay?invoice={INVOICE['invoice_id']}"],
    "auto_pay_failed": ["not enough money", "April 4, 2026", "Update your card", "/billing-info"],
    "auto_pay_paused": ["paused", "The card has expired", "/billing-info"],
    "card_expiring": ["August 31, 2028", "/billing-info"],
}


@pytest.mark.parametrize("kind", EVENTS)
def test_each_fact_is_one_e_mail_that_says_what_matters(notify, kind):
    notify.hear(contact("ana@example.com", customer_id=CUSTOMER), EVENTS[kind])
    notify.send()

    (delivery,) = notify.deliveries()
    assert (delivery.kind, delivery.state) == (kind, "delivered")
    assert notify.mail.recipients == ["ana@example.com"]
    text = text_of(notify.mail.sent[0][1])
    assert [words for words in SAID[kind] if words not in text] == []


def test_an_enrolment_that_was_brought_along_is_silent(notify):
    enrolled = msgspec.structs.replace(EVENTS["auto_pay_enrolled"], origin="import")

    notify.hear(contact("ana@example.com", customer_id=CUSTOMER), enrolled)

    assert notify.deliveries() == []


def test_of_an_invoices_failures_the_first_is_told_and_the_last_one_as_a_pause(notify):
    notify.hear(
        contact("ana@example.com", customer_id=CUSTOMER),
        failed(),
        failed(is_first=False),
        failed(is_first=False, retry_on=None, pauses=True),
        paused(),
    )
    notify.send()

    assert sorted(each.kind for each in notify.deliveries()) == ["auto_pay_failed", "auto_pay_paused"]


def test_a_hard_decline_is_one_e_mail_that_says_that_auto_pay_is_paused(notify):
    notify.hear(
        contact("ana@example.com", customer_id=CUSTOMER),
        failed(kind="hard", retry_on=None, pauses=True),
        paused(is_told=True),
    )
    notify.send()

    (delivery,) = notify.deliveries()
    assert delivery.kind == "auto_pay_failed"
    assert "Auto-pay is paused" in text_of(notify.mail.sent[0][1])


def test_where_the_bank_asks_the_e_mail_leads_to_paying_by_hand(notify):
    notify.hear(
        contact("ana@example.com", customer_id=CUSTOMER),
        failed(kind="authenticate", retry_on=None, message="Your bank wants you to confirm this payment."),
    )
    notify.send()

    assert f"/pay?invoice={INVOICE['invoice_id']}" in text_of(notify.mail.sent[0][1])
