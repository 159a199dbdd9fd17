"""Money that leaves again: the credit first, then the invoices, newest first; and what comes back goes there again."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.ids import new_id
from contracts import billing as wire
from tests.support.billing import CUSTOMER, Billing, money_restored, money_returned, succeeded


def money(amount_minor, *invoices, customer_id=CUSTOMER):
    """A payment of chosen invoices, each as far as it reaches; what is left over becomes a credit."""
    return succeeded(amount_minor, invoices=[(invoice, 0) for invoice in invoices], customer_id=customer_id)


def open_credits(billing):
    page = billing.ask(wire.ListOpenCredits())
    return sum(each.open_minor for each in page.credits if each.customer_id == CUSTOMER)


def test_an_unspent_credit_is_sent_back_before_any_invoice_is_reopened(billing):
    invoice = billing.sent(10_000)
    payment = money(13_000, invoice)
    billing.hear(payment)
    assert open_credits(billing) == 3_000
    billing.hear(money_returned(payment, 2_500))
    assert (open_credits(billing), billing.open_minor(invoice)) == (500, 0)
    (told,) = billing.events(wire.PaymentTakenBack)
    assert [part.amount_minor for part in told.credits] == [2_500]
    assert told.reopened == []
    (listed,) = billing.ask(wire.ListCredits(customer_id=CUSTOMER)).credits
    assert (listed.sent_back_minor, listed.credit.open_minor, listed.allocations) == (2_500, 500, [])


def test_a_whole_payment_that_is_disputed_reopens_what_it_paid(billing):
    first, second = billing.sent(10_000), billing.sent(4_000)
    payment = money(14_000, first, second)
    billing.hear(payment)
    billing.hear(money_returned(payment, 14_000, kind="dispute"))
    assert (billing.open_minor(first), billing.open_minor(second), open_credits(billing)) == (10_000, 4_000, 0)
    (told,) = billing.events(wire.PaymentTakenBack)
    assert {each.number: each.open_minor for each in told.reopened} == {
        first.summary.number: 10_000,
        second.summary.number: 4_000,
    }


def test_a_part_reopens_the_newest_allocation_and_leaves_what_was_not_returned_on_it(billing):
    first, second = billing.sent(10_000), billing.sent(4_000)
    payment = money(14_000, first, second)
    billing.hear(payment)
    billing.hear(money_returned(payment, 1_500))
    assert sorted([billing.open_minor(first), billing.open_minor(second)]) == [0, 1_500]
    assert open_credits(billing) == 0
    # The rest of it is found again when it is returned too.
    billing.hear(money_returned(payment, 12_500))
    assert (billing.open_minor(first), billing.open_minor(second)) == (10_000, 4_000)


def test_where_spent_credit_went_comes_before_the_payments_own_invoices(billing):
    first = billing.sent(10_000)
    payment = money(12_000, first)
    billing.hear(payment)
    later = billing.sent(2_000)
    assert billing.open_minor(later) == 0
    billing.hear(money_returned(payment, 2_000))
    assert (billing.open_minor(first), billing.open_minor(later)) == (0, 2_000)


def test_a_return_counts_once(billing):
    invoice = billing.sent(10_000)
    payment = money(10_000, invoice)
    event = money_returned(payment, 4_000)
    billing.hear(payment)
    billing.hear(event, event)
    billing.hear(event)
    assert billing.open_minor(invoice) == 4_000


def test_a_return_that_is_heard_of_before_its_payment_waits_for_it(billing):
    invoice = billing.sent(10_000)
    payment = money(10_000, invoice)
    billing.hear(money_returned(payment, 10_000, kind="dispute"))
    assert billing.open_minor(invoice) == 10_000
    billing.hear(payment)
    assert (billing.open_minor(invoice), open_credits(billing)) == (10_000, 0)
    assert billing.events(wire.PaymentTakenBack)[0].kind == "dispute"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_payment_return_and_restoring_end_the_same_in_any_order(billing, order):
    invoice = billing.sent(10_000)
    payment = money(10_000, invoice)
    event = money_returned(payment, 6_000, kind="dispute")
    for place in order:
        billing.hear((payment, event, money_restored(event))[place])
    assert (billing.open_minor(invoice), open_credits(billing)) == (0, 0)


def test_a_dispute_that_is_won_restores_what_is_still_open_and_the_rest_becomes_credit(billing):
    invoice = billing.sent(10_000)
    payment = money(10_000, invoice)
    billing.hear(payment)
    event = money_returned(payment, 10_000, kind="dispute")
    billing.hear(event)
    billing.hear(money(7_000, invoice))
    billing.hear(money_restored(event), money_restored(event))
    assert (billing.open_minor(invoice), open_credits(billing)) == (0, 7_000)


def test_money_of_a_voided_invoice_is_found_in_the_credit_that_it_became(billing):
    invoice = billing.sent(10_000)
    payment = money(10_000, invoice)
    billing.hear(payment)
    billing.void(invoice)
    assert open_credits(billing) == 10_000
    billing.hear(money_returned(payment, 10_000))
    assert open_credits(billing) == 0


def test_an_invoice_that_was_reopened_takes_a_credit_that_waits(billing):
    invoice = billing.sent(10_000)
    payment = money(10_000, invoice)
    billing.hear(payment)
    billing.hear(money(3_000))
    assert open_credits(billing) == 3_000
    billing.hear(money_returned(payment, 10_000))
    assert (billing.open_minor(invoice), open_credits(billing)) == (7_000, 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    invoices=st.lists(st.integers(1, 5_000), min_size=1, max_size=4),
    excess=st.integers(0, 3_000),
    returns=st.lists(st.integers(1, 4_000), max_size=4),
    wins=st.sets(st.integers(0, 3)),
)
def test_no_cent_is_lost_when_money_leaves_and_comes_back(billing: Billing, invoices, excess, returns, wins):
    customer_id = new_id()
    sent = [billing.sent(amount, customer_id=customer_id) for amount in invoices]
    payment = money(sum(invoices) + excess, *sent, customer_id=customer_id)
    billing.hear(payment)
    left = payment.amount_minor
    events = []
    for amount in returns:
        if amount <= left:
            events.append(money_returned(payment, amount))
            billing.hear(events[-1])
            left -= amount
    for place, event in enumerate(events):
        if place in wins:
            billing.hear(money_restored(event))
            left += event.amount_minor
    open_minor = sum(billing.open_minor(invoice) for invoice in sent)
    credit_minor = sum(each.open_minor for each in credits_of(billing, customer_id))
    # What was received and is still here is on invoices or in credits.
    assert sum(invoices) - open_minor + credit_minor == left
    assert open_minor == 0 or credit_minor == 0


def credits_of(billing, customer_id):
    after: str | None = ""
    found: list[wire.OpenCredits] = []
    while after is not None:
        page = billing.ask(wire.ListOpenCredits(after=after))
        found += [each for each in page.credits if each.customer_id == customer_id]
        after = page.next_after
    return found
