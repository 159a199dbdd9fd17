"""Credits, and where they go by themselves."""

from datetime import date
from typing import Any

import pytest

from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from tests.support.billing import CUSTOMER, TODAY, Billing, succeeded


def test_a_credit_goes_to_the_oldest_due_invoice_at_once(billing: Billing):
    newer = billing.sent(5_000)
    older = billing.sent(1_000, due_on=TODAY)
    credit = billing.credit(1_500)
    assert credit.open_minor == 0
    assert (billing.open_minor(older), billing.open_minor(newer)) == (0, 4_500)
    (created,), (applied,) = billing.events(wire.CreditCreated), billing.events(wire.CreditApplied)
    assert (created.kind, created.amount_minor, created.source_id) == ("goodwill", 1_500, None)
    assert [(part.invoice_id, part.amount_minor) for part in applied.allocations] == [
        (older.summary.invoice_id, 1_000),
        (newer.summary.invoice_id, 500),
    ]


def test_the_oldest_credit_is_used_first_when_an_invoice_is_sent(billing: Billing):
    second = billing.credit(1_000, granted_on=date(2026, 2, 2))
    first = billing.credit(1_000, granted_on=date(2026, 1, 1))
    invoice = billing.sent(1_500)
    assert invoice.summary.open_minor == 0
    assert [(event.credit_id, event.allocations[0].amount_minor) for event in billing.events(wire.CreditApplied)] == [
        (first.credit_id, 1_000),
        (second.credit_id, 500),
    ]
    names = [envelope.name for envelope in billing.envelopes()]
    assert names[-3:] == ["billing.invoice_sent", "billing.credit_applied", "billing.credit_applied"]


def test_credits_go_to_invoices_sent_in_bulk(billing: Billing):
    billing.credit(1_500)
    drafts = [billing.draft(1_000) for _ in range(2)]
    billing.ask(wire.SendInvoices(invoice_ids=[draft.summary.invoice_id for draft in drafts]))
    assert [billing.open_minor(draft) for draft in drafts] == [0, 500]


def test_a_held_invoice_gets_no_credit(billing: Billing):
    held = billing.sent(5_000, due_on=TODAY)
    other = billing.sent(1_000)
    billing.hold(5_000, held)
    billing.credit(2_000)
    assert (billing.open_minor(held), billing.open_minor(other)) == (5_000, 0)


def test_with_auto_apply_off_credits_wait(database):
    billing = Billing(database, auto_apply_credits=False)
    invoice = billing.sent(5_000)
    assert billing.credit(2_000).open_minor == 2_000
    billing.sent(5_000)
    assert billing.open_minor(invoice) == 5_000
    assert billing.events(wire.CreditApplied) == []


def test_a_credit_counts_from_the_later_of_its_day_and_the_invoices(billing: Billing):
    billing.credit(1_000, granted_on=date(2026, 1, 1))
    invoice = billing.sent(600)
    assert [part.effective_on for part in billing.get(invoice).allocations] == [TODAY]
    billing.imports(
        wire.InvoiceRow(
            row=1,
            customer_id=CUSTOMER,
            number="OLD",
            issued_on=date(2025, 12, 1),
            due_on=date(2025, 12, 31),
            total_minor=100,
        )
    )
    assert billing.events(wire.CreditApplied)[-1].allocations[0].effective_on == date(2026, 1, 1)


def test_the_day_of_a_returned_credit_is_the_day_of_the_void(billing: Billing):
    first = billing.sent(1_000)
    billing.hear(succeeded(1_000))
    second = billing.sent(1_000)
    billing.today = date(2026, 5, 5)
    billing.void(first)
    (part,) = billing.get(second).allocations
    assert (part.source, part.effective_on) == ("credit", date(2026, 5, 5))


def test_the_same_key_grants_once(billing: Billing):
    command = wire.CreateCredit(key="k", customer_id=CUSTOMER, currency="USD", amount_minor=500, reason="rain")
    assert billing.ask(command) == billing.ask(command)
    assert len(billing.events(wire.CreditCreated)) == 1
    with pytest.raises(Refused) as refused:
        billing.ask(wire.CreateCredit(key="k", customer_id=CUSTOMER, currency="USD", amount_minor=501, reason="rain"))
    assert refused.value.code == codes.KEY_REUSED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_minor": 0}, "amount_minor"),
        ({"amount_minor": -5}, "amount_minor"),
        ({"amount_minor": 10**12}, "amount_minor"),
        ({"currency": "EUR"}, "currency"),
        ({"granted_on": date(2026, 3, 11)}, "granted_on"),
        ({"customer_id": ""}, "customer_id"),
        ({"reason": "x" * 2_001}, "reason"),
    ],
)
def test_a_wrong_value_is_named(billing: Billing, changes: dict[str, Any], field: str):
    fields: dict[str, Any] = {
        "key": "k",
        "customer_id": CUSTOMER,
        "currency": "USD",
        "amount_minor": 100,
        "reason": "rain",
    }
    with pytest.raises(Refused) as refused:
        billing.ask(wire.CreateCredit(**(fields | changes)))
    assert (refused.value.code, refused.value.details["field"]) == (codes.INVALID, field)
    assert billing.events(wire.CreditCreated) == []
