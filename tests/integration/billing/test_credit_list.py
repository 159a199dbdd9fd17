"""The list of credits, and where each went."""

from datetime import date
from typing import Any

import pytest

from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from tests.support.billing import CUSTOMER, NEIGHBOUR, TODAY, Billing, row, succeeded


def listed(billing: Billing, **fields: Any) -> wire.CreditPage:
    return billing.ask(wire.ListCredits(customer_id=CUSTOMER, **fields))


def test_each_credit_says_what_is_left_and_where_the_rest_went(billing: Billing):
    invoice = billing.sent(1_000)
    billing.credit(1_500, granted_on=date(2026, 1, 2))
    page = listed(billing)
    (entry,) = page.credits
    assert (entry.credit.kind, entry.credit.reason, entry.credit.granted_on) == (
        "goodwill", "missed a visit", date(2026, 1, 2),
    )  # fmt: skip
    assert (entry.credit.amount_minor, entry.credit.open_minor, page.open_minor) == (1_500, 500, 500)
    (use,) = entry.allocations
    assert (use.invoice_number, use.amount_minor, use.reversed_at) == (invoice.summary.number, 1_000, None)
    assert (page.currency, page.as_of, page.auto_apply_credits) == ("USD", TODAY, True)


def test_what_was_reversed_says_so_and_comes_back_as_a_credit_of_its_own(billing: Billing):
    invoice = billing.sent(1_000)
    old = billing.credit(1_000)
    billing.void(invoice)
    page = listed(billing)
    entries = {entry.credit.kind: entry for entry in page.credits}
    assert entries["goodwill"].credit.credit_id == old.credit_id
    assert [use.reversed_at is not None for use in entries["goodwill"].allocations] == [True]
    assert entries["goodwill"].credit.open_minor == 0
    assert entries["voided_invoice"].credit.open_minor == page.open_minor == 1_000
    assert entries["voided_invoice"].credit.source_id == invoice.summary.invoice_id


def test_an_overpayment_names_its_payment(billing: Billing):
    payment = succeeded(700)
    billing.hear(payment)
    (entry,) = listed(billing).credits
    assert (entry.credit.kind, entry.credit.source_id) == ("overpayment", payment.payment_id)


def test_pages_hold_every_credit_once_latest_granted_first(billing: Billing):
    for at in range(7):
        billing.credit(100 + at, granted_on=date(2026, 1, 1 + at // 3))
    billing.credit(9_999, customer_id=NEIGHBOUR)
    found: list[wire.CreditUses] = []
    cursor = None
    while True:
        page = listed(billing, cursor=cursor, limit=2)
        assert page.open_minor == sum(100 + at for at in range(7))
        found += page.credits
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(entry.credit.amount_minor for entry in found) == [100 + at for at in range(7)]
    days = [entry.credit.granted_on for entry in found]
    assert days == sorted(days, reverse=True)


def test_of_a_credit_that_went_to_many_invoices_the_first_are_listed_and_the_rest_counted(billing: Billing):
    billing.imports(*(row(f"A-{at:02}", 100, at=at) for at in range(60)))
    billing.credit(6_000)
    (entry,) = listed(billing).credits
    assert (len(entry.allocations), entry.further_uses, entry.credit.open_minor) == (50, 10, 0)


def test_nobody_without_credits_has_any(billing: Billing):
    billing.credit(100, customer_id=NEIGHBOUR)
    assert (listed(billing).credits, listed(billing).open_minor) == ([], 0)


@pytest.mark.parametrize("fields", [{"limit": 0}, {"limit": 501}, {"cursor": "x"}])
def test_a_page_that_cannot_be_is_refused(billing: Billing, fields: dict[str, Any]):
    with pytest.raises(Refused) as refused:
        listed(billing, **fields)
    assert refused.value.code == codes.INVALID
