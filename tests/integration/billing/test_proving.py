"""What billing shows to whoever proves the books: every open amount and every payment, once, in pages of ids."""

from typing import Any

import pytest

from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from tests.support.billing import NEIGHBOUR, Billing, succeeded


def in_pages(billing: Billing, command: type, field: str, *, limit: int) -> list[Any]:
    """All that the pages of a command hold in `field`."""
    found: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = billing.ask(command(after=after, limit=limit))
        found += getattr(page, field)
        after = page.next_after
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_what_is_owed_is_listed_once_and_nothing_else(billing: Billing, limit: int):
    owed = [billing.sent(5_000), billing.sent(700, customer_id=NEIGHBOUR), billing.sent(900)]
    billing.draft(100)
    billing.void(billing.sent(200))
    billing.hear(succeeded(1_000, invoices=[(owed[0], 1_000)]), succeeded(900, invoices=[(owed[2], 900)]))
    assert in_pages(billing, wire.ListOpenAmounts, "amounts", limit=limit) == sorted(
        (
            wire.OpenAmount(
                invoice_id=invoice.summary.invoice_id,
                number=invoice.summary.number,
                customer_id=invoice.summary.customer_id,
                open_minor=open_minor,
            )
            for invoice, open_minor in ((owed[0], 4_000), (owed[1], 700))
        ),
        key=lambda amount: amount.invoice_id,
    )


@pytest.mark.parametrize("limit", [1, 2, 500])
def test_credit_that_is_left_is_listed_by_customer(billing: Billing, limit: int):
    invoice = billing.sent(5_000)
    billing.hear(succeeded(5_300, invoices=[(invoice, 5_000)]), succeeded(800), succeeded(70, customer_id=NEIGHBOUR))
    spent = billing.sent(70, customer_id=NEIGHBOUR)
    assert spent.summary.open_minor == 0
    assert in_pages(billing, wire.ListOpenCredits, "credits", limit=limit) == [
        wire.OpenCredits(customer_id=invoice.summary.customer_id, open_minor=1_100)
    ]


def test_all_that_became_of_a_payment_is_counted(billing: Billing):
    void = billing.sent(5_000)
    heard = [succeeded(5_000, invoices=[(void, 5_000)]), succeeded(800), succeeded(70, customer_id=NEIGHBOUR)]
    billing.hear(*heard)
    billing.void(void)
    assert in_pages(billing, wire.ListAllocatedPayments, "payments", limit=2) == [
        wire.AllocatedPayment(
            payment_id=payment.payment_id,
            customer_id=payment.customer_id,
            amount_minor=payment.amount_minor,
            placed_minor=payment.amount_minor,
        )
        for payment in sorted(heard, key=lambda payment: payment.payment_id)
    ]


@pytest.mark.parametrize("command", [wire.ListOpenAmounts, wire.ListOpenCredits, wire.ListAllocatedPayments])
@pytest.mark.parametrize("limit", [0, 501])
def test_a_page_is_bounded(billing: Billing, command, limit: int):
    with pytest.raises(Refused) as refused:
        billing.ask(command(limit=limit))
    assert refused.value.code == codes.INVALID
