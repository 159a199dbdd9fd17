"""What a preview says, and that a payment then does just that."""

from datetime import timedelta
from typing import Any

import pytest

from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from tests.support.billing import CUSTOMER, NEIGHBOUR, TODAY, Billing, paid_as_held


def preview(billing: Billing, *chosen: wire.InvoiceView, **fields: Any) -> wire.AllocationPreview:
    invoice_ids = [invoice.summary.invoice_id for invoice in chosen] or None
    return billing.ask(wire.PreviewAllocation(customer_id=CUSTOMER, invoice_ids=invoice_ids, **fields))


def rows(preview: wire.AllocationPreview) -> list[tuple[str, int, int, int]]:
    return [(row.number, row.credits_minor, row.paid_minor, row.left_minor) for row in preview.invoices]


@pytest.fixture
def three(billing: Billing) -> list[wire.InvoiceView]:
    """Due last, first and in between."""
    return [
        billing.sent(1_000, number=number, due_on=TODAY + timedelta(days=days))
        for number, days in (("LAST", 20), ("FIRST", 0), ("MIDDLE", 10))
    ]


def test_an_amount_goes_to_the_oldest_due_first(billing: Billing, three):
    seen = preview(billing, amount_minor=1_600)
    assert rows(seen) == [("FIRST", 0, 1_000, 0), ("MIDDLE", 0, 600, 400), ("LAST", 0, 0, 1_000)]
    assert (seen.open_minor, seen.excess_minor, seen.objection) == (3_000, 0, None)


def test_chosen_invoices_come_first_and_the_rest_becomes_a_credit_that_goes_on(billing: Billing, three):
    seen = preview(billing, three[0], amount_minor=1_600)
    assert rows(seen) == [("LAST", 0, 1_000, 0)]
    assert (seen.excess_minor, seen.excess_applied_minor) == (600, 600)
    assert preview(billing, three[0], amount_minor=9_000).excess_applied_minor == 2_000


def test_without_an_amount_it_is_all_that_is_open(billing: Billing, three):
    assert preview(billing).amount_minor == 3_000
    assert preview(billing, three[1]).amount_minor == 1_000


@pytest.mark.parametrize("amount_minor", [150, 1_000, 1_600, 3_000, 3_500])
def test_the_payment_does_what_the_preview_said(billing: Billing, three, amount_minor: int):
    chosen = three[:2]
    seen = preview(billing, *chosen, amount_minor=amount_minor)
    hold = billing.hold(amount_minor, *chosen, allow_partial=True, allow_overpayment=True)
    billing.hear(paid_as_held(hold))
    left = {row.number: row.left_minor for row in seen.invoices}
    assert {each.summary.number: billing.open_minor(each) for each in chosen} == left
    assert billing.open_minor(three[2]) == 1_000 - seen.excess_applied_minor
    assert billing.due().credits_minor == seen.excess_minor - seen.excess_applied_minor


def test_credits_come_before_the_payment_and_nothing_is_written(database):
    billing = Billing(database, auto_apply_credits=False)
    first, second = billing.sent(1_000, number="A", due_on=TODAY), billing.sent(1_000, number="B")
    billing.credit(1_300)
    seen = preview(billing, use_credits=True)
    assert rows(seen) == [("A", 1_000, 0, 0), ("B", 300, 700, 0)]
    assert (seen.credits_minor, seen.open_minor, seen.amount_minor) == (1_300, 700, 700)
    assert (billing.open_minor(first), billing.open_minor(second), billing.due().credits_minor) == (1_000, 1_000, 1_300)
    assert preview(billing).credits_minor == 0
    assert rows(preview(billing, use_credits=True, amount_minor=0)) == [("A", 1_000, 0, 0), ("B", 300, 0, 700)]


def test_an_excess_waits_where_auto_apply_is_off(database):
    billing = Billing(database, auto_apply_credits=False)
    chosen, _ = billing.sent(1_000), billing.sent(1_000)
    seen = preview(billing, chosen, amount_minor=1_200)
    assert (seen.excess_minor, seen.excess_applied_minor) == (200, 0)


@pytest.mark.parametrize(
    ("amount_minor", "code", "least", "most"),
    [
        (30, codes.AMOUNT_TOO_SMALL, 50, None),
        (99, codes.AMOUNT_TOO_SMALL, 100, None),
        (2_980, codes.AMOUNT_TOO_SMALL, 3_000, 2_950),
        (2_950, None, None, None),
        (3_000, None, None, None),
        (3_001, None, None, None),
    ],
)
def test_what_would_be_refused_says_why_and_what_would_not(billing: Billing, three, amount_minor, code, least, most):
    seen = preview(billing, amount_minor=amount_minor, least_charge_minor=50)
    if code is None:
        assert seen.objection is None
    else:
        assert seen.objection is not None
        assert (seen.objection.code, seen.objection.minimum_minor, seen.objection.most_minor) == (code, least, most)


def test_where_partial_payments_are_not_taken_the_whole_is_the_least(database):
    billing = Billing(database, allow_partial_payments=False)
    billing.sent(1_000)
    seen = preview(billing, amount_minor=999)
    assert seen.objection is not None
    assert (seen.objection.code, seen.objection.minimum_minor) == (codes.STALE_AMOUNT, 1_000)


def test_what_another_payment_holds_is_left_out_and_named(billing: Billing, three):
    billing.hold(1_000, three[1])
    everything = preview(billing)
    assert (everything.amount_minor, everything.held, everything.objection) == (2_000, ["FIRST"], None)
    chosen = preview(billing, *three[:2])
    assert chosen.objection is not None
    assert chosen.objection.code == codes.ALREADY_BEING_PAID


def test_beyond_those_listed_the_rest_is_summed(billing: Billing):
    for start in (0, 400):
        billing.imports(
            *(
                wire.InvoiceRow(
                    row=at,
                    customer_id=CUSTOMER,
                    number=f"A-{start + at}",
                    issued_on=TODAY,
                    due_on=TODAY,
                    total_minor=100,
                )
                for at in range(400)
            )
        )
    seen = preview(billing, amount_minor=70_000)
    assert len(seen.invoices) == 500
    assert (seen.further_invoices, seen.further_paid_minor, seen.excess_minor) == (200, 20_000, 0)


def test_a_draft_and_a_neighbours_invoice_are_not_there(billing: Billing):
    for invoice in (billing.draft(1_000), billing.sent(1_000, customer_id=NEIGHBOUR)):
        with pytest.raises(Refused) as refused:
            preview(billing, invoice)
        assert refused.value.code == codes.NOT_FOUND


def test_an_amount_that_cannot_be_is_refused(billing: Billing):
    for amount_minor in (-1, 10**12):
        with pytest.raises(Refused) as refused:
            preview(billing, amount_minor=amount_minor)
        assert refused.value.code == codes.INVALID
