"""Money that has arrived: on which invoices it goes, once, and what is left over."""

from datetime import date

import pytest

from chassis.ids import new_id
from contracts import billing as wire
from tests.support.billing import NEIGHBOUR, TODAY, Billing, paid_as_held, succeeded


def parts(event: wire.PaymentAllocated) -> dict[str, int]:
    return {part.invoice_number: part.amount_minor for part in event.allocations}


def test_a_held_payment_is_allocated_and_its_hold_gone_in_one(billing: Billing):
    invoice = billing.sent(5_000)
    hold = billing.hold(5_000)
    billing.hear(paid_as_held(hold))
    assert billing.open_minor(invoice) == 0
    assert billing.due().processing_minor == 0
    (event,) = billing.events(wire.PaymentAllocated)
    assert event == wire.PaymentAllocated(
        payment_id=hold.payment_id,
        customer_id=invoice.summary.customer_id,
        currency="USD",
        allocations=event.allocations,
        credit_id=None,
        credit_minor=0,
        effective_on=TODAY,
        origin="portal",
    )
    (fact,) = event.allocations
    (view,) = billing.get(invoice).allocations
    assert view == wire.AllocationView(
        allocation_id=fact.allocation_id,
        source="payment",
        source_id=hold.payment_id,
        invoice_id=invoice.summary.invoice_id,
        invoice_number=invoice.summary.number,
        amount_minor=5_000,
        effective_on=TODAY,
    )


def test_a_payment_heard_twice_counts_once(billing: Billing):
    invoice = billing.sent(5_000)
    payment = succeeded(3_000)
    billing.hear(payment)
    billing.hear(payment, payment)
    assert billing.open_minor(invoice) == 2_000
    assert len(billing.events(wire.PaymentAllocated)) == 1


def test_the_chosen_invoice_comes_first_then_due_date_issue_date_and_number(billing: Billing):
    chosen = billing.sent(1_000, number="Z", due_on=date(2026, 6, 1))
    billing.sent(1_000, number="D", issued_on=date(2026, 3, 2), due_on=date(2026, 4, 1))
    billing.sent(1_000, number="C", issued_on=date(2026, 3, 1), due_on=date(2026, 4, 1))
    billing.sent(1_000, number="B", issued_on=date(2026, 3, 1), due_on=date(2026, 4, 1))
    billing.sent(1_000, number="A", due_on=date(2026, 5, 1))
    billing.hear(succeeded(4_500, invoices=[(chosen, 0)]))
    (event,) = billing.events(wire.PaymentAllocated)
    assert list(parts(event).items()) == [("Z", 1_000), ("B", 1_000), ("C", 1_000), ("D", 1_000), ("A", 500)]


def test_what_is_more_than_is_open_becomes_a_credit(billing: Billing):
    billing.sent(5_000)
    payment = succeeded(5_250)
    billing.hear(payment)
    (allocated,), (credit,) = billing.events(wire.PaymentAllocated), billing.events(wire.CreditCreated)
    assert (allocated.credit_id, allocated.credit_minor) == (credit.credit_id, 250)
    assert (credit.kind, credit.amount_minor, credit.source_id) == ("overpayment", 250, payment.payment_id)


def test_an_agreed_excess_becomes_a_credit_and_not_a_payment_of_something_else(database):
    billing = Billing(database, auto_apply_credits=False)
    chosen, other = billing.sent(5_000), billing.sent(2_000)
    billing.hear(paid_as_held(billing.hold(6_000, chosen, allow_overpayment=True)))
    assert (billing.open_minor(chosen), billing.open_minor(other)) == (0, 2_000)
    assert [credit.amount_minor for credit in billing.events(wire.CreditCreated)] == [1_000]


def test_with_auto_apply_the_excess_goes_on_to_the_next_invoice(billing: Billing):
    chosen, other = billing.sent(5_000), billing.sent(2_000)
    billing.hear(paid_as_held(billing.hold(6_000, chosen, allow_overpayment=True)))
    assert (billing.open_minor(chosen), billing.open_minor(other)) == (0, 1_000)
    (applied,) = billing.events(wire.CreditApplied)
    assert [(part.invoice_number, part.amount_minor) for part in applied.allocations] == [(other.summary.number, 1_000)]


def test_a_partial_payment_leaves_the_rest_open(billing: Billing):
    invoice = billing.sent(5_000)
    billing.hear(paid_as_held(billing.hold(1_234, allow_partial=True)))
    summary = billing.get(invoice).summary
    assert (summary.open_minor, summary.processing_minor) == (3_766, 0)


def test_money_for_a_voided_invoice_becomes_a_credit(billing: Billing):
    void = billing.void(billing.sent(5_000))
    billing.hear(succeeded(5_000, invoices=[(void, 5_000)]))
    (event,) = billing.events(wire.PaymentAllocated)
    assert (event.allocations, event.credit_minor) == ([], 5_000)
    assert billing.get(void).allocations == []


def test_money_that_meets_an_invoice_held_by_another_payment_skips_it_and_waits(billing: Billing):
    held = billing.sent(5_000, due_on=TODAY)
    free = billing.sent(2_000)
    hold = billing.hold(5_000, held)
    billing.hear(succeeded(6_000, invoices=[(held, 0)]))
    assert (billing.open_minor(held), billing.open_minor(free)) == (5_000, 0)
    assert [credit.amount_minor for credit in billing.events(wire.CreditCreated)] == [4_000]
    assert billing.events(wire.CreditApplied) == []
    billing.hear(paid_as_held(hold))
    assert billing.open_minor(held) == 0
    third = billing.sent(4_500)
    assert billing.open_minor(third) == 500


def test_a_payment_for_anothers_invoice_stays_with_its_own_customer(billing: Billing):
    theirs = billing.sent(5_000, customer_id=NEIGHBOUR)
    billing.hear(succeeded(5_000, invoices=[(theirs, 0)]))
    assert billing.open_minor(theirs) == 5_000
    assert billing.events(wire.PaymentAllocated)[0].credit_minor == 5_000


@pytest.mark.parametrize(
    ("received_on", "effective_on"),
    [(date(2026, 3, 1), TODAY), (date(2026, 3, 15), date(2026, 3, 15))],
)
def test_an_allocation_is_effective_on_the_later_of_both_days(billing: Billing, received_on: date, effective_on: date):
    invoice = billing.sent(5_000)
    billing.hear(succeeded(5_000, received_on=received_on))
    assert [part.effective_on for part in billing.get(invoice).allocations] == [effective_on]
    (event,) = billing.events(wire.PaymentAllocated)
    assert (event.effective_on, event.allocations[0].effective_on) == (received_on, effective_on)


def test_an_imported_payment_makes_imported_events(billing: Billing):
    billing.sent(5_000)
    billing.hear(succeeded(6_000, origin="import"))
    (allocated,), (credit,) = billing.events(wire.PaymentAllocated), billing.events(wire.CreditCreated)
    assert (allocated.origin, credit.origin) == ("import", "import")


def test_a_payment_of_no_sensible_amount_is_an_error_and_not_swallowed(billing: Billing):
    with pytest.raises(ValueError, match="above zero"):
        billing.hear(succeeded(0))


def test_a_batch_of_payments_of_many_customers_is_taken_together(billing: Billing):
    customers = sorted(new_id() for _ in range(5))
    invoices = [billing.sent(1_000, customer_id=customer_id) for customer_id in customers]
    billing.hear(*(succeeded(1_000, customer_id=customer_id) for customer_id in customers))
    assert [billing.open_minor(invoice) for invoice in invoices] == [0] * 5
