"""Credits put on invoices by the customer's own wish."""

from datetime import date, timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from tests.support.billing import CUSTOMER, NEIGHBOUR, TODAY, Billing, succeeded

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def billing(database) -> Billing:
    """The owner leaves it to the customer where credits go."""
    return Billing(database, auto_apply_credits=False)


def apply(billing: Billing, amount_minor: int, **fields: Any) -> wire.AppliedCredits:
    wish: dict[str, Any] = {"key": new_id(), "customer_id": CUSTOMER, "currency": "USD", "amount_minor": amount_minor}
    return billing.ask(wire.ApplyCredits(**(wish | fields)))


def ids(*invoices: wire.InvoiceView) -> list[str]:
    return [invoice.summary.invoice_id for invoice in invoices]


def test_without_a_choice_the_oldest_credit_goes_to_the_oldest_due_invoice(billing: Billing):
    later = billing.sent(5_000, due_on=TODAY + timedelta(days=9))
    sooner = billing.sent(1_000, due_on=TODAY)
    newer = billing.credit(2_000, granted_on=YESTERDAY)
    older = billing.credit(700, granted_on=date(2026, 1, 1))
    answer = apply(billing, 2_700)
    assert (answer.applied_minor, answer.credits_minor) == (2_700, 0)
    assert [(part.source_id, part.invoice_id, part.amount_minor) for part in answer.allocations] == [
        (older.credit_id, *ids(sooner), 700),
        (newer.credit_id, *ids(sooner), 300),
        (newer.credit_id, *ids(later), 1_700),
    ]
    assert (billing.open_minor(sooner), billing.open_minor(later)) == (0, 3_300)
    assert [event.credit_id for event in billing.events(wire.CreditApplied)] == [older.credit_id, newer.credit_id]


def test_chosen_credits_go_to_chosen_invoices_and_no_further(billing: Billing):
    older, chosen = billing.sent(1_000, due_on=TODAY), billing.sent(1_000)
    kept, used = billing.credit(400), billing.credit(3_000)
    answer = apply(billing, 9_999, invoice_ids=ids(chosen), credit_ids=[used.credit_id])
    assert (answer.applied_minor, answer.credits_minor) == (1_000, 2_400)
    assert (billing.open_minor(older), billing.open_minor(chosen)) == (1_000, 0)
    assert {part.source_id for part in answer.allocations} == {used.credit_id}
    assert kept.credit_id not in {event.credit_id for event in billing.events(wire.CreditApplied)}


def test_no_more_is_used_than_the_customer_said(billing: Billing):
    invoice = billing.sent(5_000)
    billing.credit(1_000)
    billing.credit(1_000)
    assert apply(billing, 1_250).applied_minor == 1_250
    assert billing.open_minor(invoice) == 3_750
    assert billing.due().credits_minor == 750


def test_the_same_key_applies_once_and_answers_the_same(billing: Billing):
    billing.sent(5_000)
    billing.credit(1_000)
    first = apply(billing, 600, key="k")
    assert apply(billing, 600, key="k") == first
    assert billing.due().credits_minor == 400
    with pytest.raises(Refused) as refused:
        apply(billing, 601, key="k")
    assert refused.value.code == codes.KEY_REUSED


def test_an_invoice_that_a_payment_holds_is_skipped_and_named(billing: Billing):
    held, free = billing.sent(1_000, due_on=TODAY), billing.sent(1_000)
    billing.hold(1_000, held)
    billing.credit(1_500)
    answer = apply(billing, 1_500)
    assert (answer.applied_minor, answer.held) == (1_000, [held.summary.number])
    assert (billing.open_minor(held), billing.open_minor(free)) == (1_000, 0)


def test_what_is_paid_or_used_up_meanwhile_takes_and_gives_nothing(billing: Billing):
    paid = billing.sent(1_000)
    billing.hear(succeeded(1_000))
    spent = billing.credit(500)
    other = billing.sent(500)
    apply(billing, 500, invoice_ids=ids(other))
    answer = apply(billing, 500, invoice_ids=ids(paid), credit_ids=[spent.credit_id])
    assert (answer.applied_minor, answer.allocations) == (0, [])


def test_it_counts_from_the_day_of_the_wish(billing: Billing):
    invoice = billing.sent(1_000, issued_on=date(2026, 1, 1))
    billing.credit(1_000, granted_on=date(2026, 1, 2))
    billing.today = date(2026, 4, 4)
    apply(billing, 1_000)
    assert [part.effective_on for part in billing.get(invoice).allocations] == [date(2026, 4, 4)]


def test_with_auto_apply_on_what_was_left_over_can_be_applied_too(database):
    billing = Billing(database)
    invoice = billing.sent(1_000)
    payment = billing.hold(400, invoice, allow_partial=True)
    billing.credit(1_000)
    assert billing.due().credits_minor == 1_000
    billing.release(payment.payment_id)
    assert billing.due().credits_minor == 0
    assert apply(billing, 1_000).applied_minor == 0


@pytest.mark.parametrize("whose", ["invoice_ids", "credit_ids"])
def test_what_is_a_neighbours_is_not_there(billing: Billing, whose: str):
    billing.sent(1_000)
    billing.credit(1_000)
    theirs = {
        "invoice_ids": billing.sent(1_000, customer_id=NEIGHBOUR).summary.invoice_id,
        "credit_ids": billing.credit(1_000, customer_id=NEIGHBOUR).credit_id,
    }
    with pytest.raises(Refused) as refused:
        apply(billing, 100, **{whose: [theirs[whose]]})
    assert refused.value.code == codes.NOT_FOUND
    assert billing.events(wire.CreditApplied) == []


def test_a_draft_is_not_there(billing: Billing):
    billing.credit(1_000)
    with pytest.raises(Refused) as refused:
        apply(billing, 100, invoice_ids=ids(billing.draft(1_000)))
    assert refused.value.code == codes.NOT_FOUND


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_minor": 0}, "amount_minor"),
        ({"amount_minor": -1}, "amount_minor"),
        ({"amount_minor": 10**12}, "amount_minor"),
        ({"currency": "EUR"}, "currency"),
        ({"customer_id": ""}, "customer_id"),
        ({"invoice_ids": ["x"] * 501}, "invoice_ids"),
        ({"credit_ids": ["x"] * 501}, "credit_ids"),
        ({"key": ""}, "key"),
    ],
)
def test_a_wrong_value_is_named(billing: Billing, changes: dict[str, Any], field: str):
    with pytest.raises(Refused) as refused:
        apply(billing, **({"amount_minor": 100} | changes))
    assert (refused.value.code, refused.value.details["field"]) == (codes.INVALID, field)


def test_what_is_due_says_which_credits_are_open_and_what_the_owner_allows(database):
    billing = Billing(database, auto_apply_credits=False, allow_partial_payments=False, minimum_partial_minor=2_500)
    billing.credit(1_000)
    billing.credit(250)
    billing.credit(9_999, customer_id=NEIGHBOUR)
    due = billing.due()
    assert (due.credits_minor, due.auto_apply_credits) == (1_250, False)
    assert (due.allow_partial_payments, due.minimum_partial_minor) == (False, 2_500)
