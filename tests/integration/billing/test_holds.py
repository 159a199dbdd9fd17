"""Holds: one payment an invoice at a time, agreed amounts, and releases in any order."""

import pytest

from chassis.ids import new_id
from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from tests.support.billing import (
    CUSTOMER,
    NEIGHBOUR,
    TODAY,
    Billing,
    cancelled,
    failed,
    paid_as_held,
    row,
    succeeded,
)


def code_of(ask) -> str:
    with pytest.raises(Refused) as refused:
        ask()
    return refused.value.code


def test_a_hold_shows_as_processing_and_is_not_deducted(billing: Billing):
    invoice, other = billing.sent(5_000), billing.sent(2_000)
    hold = billing.hold(5_000, invoice)
    assert [(part.invoice_id, part.amount_minor) for part in hold.invoices] == [(invoice.summary.invoice_id, 5_000)]
    summary = billing.get(invoice).summary
    assert (summary.open_minor, summary.processing_minor) == (5_000, 5_000)
    due = billing.due()
    assert (due.balance_due_minor, due.processing_minor, due.payable_minor) == (7_000, 5_000, 2_000)
    assert billing.get(other).summary.processing_minor == 0


def test_a_second_tab_is_told_that_it_is_being_paid(billing: Billing):
    invoice = billing.sent(5_000)
    billing.hold(5_000, invoice)
    assert code_of(lambda: billing.hold(5_000, invoice)) == codes.ALREADY_BEING_PAID
    assert code_of(lambda: billing.hold(5_000)) == codes.ALREADY_BEING_PAID
    assert code_of(lambda: billing.hold(9_000, allow_overpayment=True)) == codes.ALREADY_BEING_PAID


def test_a_second_tab_cannot_pay_the_same_part_again_on_the_next_invoice(billing: Billing):
    billing.sent(5_000, due_on=TODAY)
    billing.sent(5_000)
    hold = billing.hold(5_000, allow_partial=True)
    assert len(hold.invoices) == 1
    assert code_of(lambda: billing.hold(5_000, allow_partial=True)) == codes.ALREADY_BEING_PAID


def test_what_became_due_after_a_hold_can_be_paid_beside_it(billing: Billing):
    billing.sent(5_000)
    billing.hold(5_000)
    later = billing.sent(700)
    hold = billing.hold(700)
    assert [part.invoice_id for part in hold.invoices] == [later.summary.invoice_id]


def test_the_same_payment_again_gets_the_same_hold(billing: Billing):
    billing.sent(5_000)
    payment_id = new_id()
    assert billing.hold(5_000, payment_id=payment_id) == billing.hold(5_000, payment_id=payment_id)
    assert code_of(lambda: billing.hold(4_000, payment_id=payment_id)) == codes.KEY_REUSED
    assert code_of(lambda: billing.hold(5_000, payment_id=payment_id, customer_id=NEIGHBOUR)) == codes.KEY_REUSED


def test_a_stale_amount_is_refused_with_what_is_open(billing: Billing):
    invoice = billing.sent(5_000)
    billing.hear(succeeded(1_000))
    for ask in (lambda: billing.hold(5_000, invoice), lambda: billing.hold(5_000)):
        with pytest.raises(Refused) as refused:
            ask()
        assert (refused.value.code, refused.value.details) == (codes.STALE_AMOUNT, {"open_minor": 4_000})


def test_an_invoice_that_comes_between_the_form_and_the_press_is_not_paid_in_place_of_the_others(billing: Billing):
    shown = billing.sent(5_000)
    older = billing.imports(row("OLD", 3_000))[0]
    with pytest.raises(Refused) as refused:
        billing.hold(5_000)
    assert (refused.value.code, refused.value.details) == (codes.STALE_AMOUNT, {"open_minor": 8_000})
    assert billing.due().processing_minor == 0
    assert billing.hold(5_000, shown).invoices[0].invoice_id != older.id
    assert billing.hold(3_000).invoices[0].invoice_id == older.id


def test_less_than_is_open_of_named_invoices_needs_the_customers_word_too(billing: Billing):
    invoice = billing.sent(5_000)
    assert code_of(lambda: billing.hold(4_999, invoice)) == codes.STALE_AMOUNT
    assert billing.hold(4_999, invoice, allow_partial=True).amount_minor == 4_999


def test_a_word_for_less_is_none_for_more_and_the_other_way_round(billing: Billing):
    billing.sent(5_000)
    assert code_of(lambda: billing.hold(5_001, allow_partial=True)) == codes.STALE_AMOUNT
    assert code_of(lambda: billing.hold(4_999, allow_overpayment=True)) == codes.STALE_AMOUNT


def test_a_yes_to_overpaying_holds_the_excess_too(billing: Billing):
    billing.sent(5_000)
    hold = billing.hold(6_000, allow_overpayment=True)
    assert (hold.excess_minor, sum(part.amount_minor for part in hold.invoices)) == (1_000, 5_000)


def test_money_in_advance_can_be_held_when_nothing_is_open(billing: Billing):
    assert code_of(lambda: billing.hold(1_000)) == codes.STALE_AMOUNT
    hold = billing.hold(1_000, allow_overpayment=True)
    assert (hold.invoices, hold.excess_minor) == ([], 1_000)


def test_a_partial_payment_reaches_the_oldest_due_of_the_chosen_first(billing: Billing):
    newest = billing.sent(4_000)
    oldest = billing.sent(3_000, due_on=TODAY)
    billing.sent(2_000)
    hold = billing.hold(3_500, newest, oldest, allow_partial=True)
    assert [(part.number, part.amount_minor) for part in hold.invoices] == [
        (oldest.summary.number, 3_000),
        (newest.summary.number, 500),
    ]


def test_a_partial_payment_below_the_owners_minimum_is_refused(billing: Billing):
    billing.sent(5_000)
    with pytest.raises(Refused) as refused:
        billing.hold(99, allow_partial=True)
    assert (refused.value.code, refused.value.details["minimum_minor"]) == (codes.AMOUNT_TOO_SMALL, 100)
    assert billing.hold(100, allow_partial=True).amount_minor == 100


@pytest.mark.parametrize(("amount_minor", "is_taken"), [(4_949, True), (4_950, True), (4_951, False), (4_999, False)])
def test_a_part_leaves_nothing_that_no_card_could_pay(billing: Billing, amount_minor: int, is_taken: bool):
    billing.sent(3_000)
    billing.sent(2_000)

    def hold() -> wire.HoldView:
        return billing.hold(amount_minor, allow_partial=True, least_rest_minor=50)

    if is_taken:
        assert hold().amount_minor == amount_minor
    else:
        assert code_of(hold) == codes.AMOUNT_TOO_SMALL
        assert billing.due().payable_minor == 5_000
    assert billing.hold(60, billing.sent(60), least_rest_minor=50).amount_minor == 60


def test_all_that_is_open_may_be_less_than_the_minimum(billing: Billing):
    billing.sent(60)
    assert billing.hold(60).amount_minor == 60


def test_the_owner_may_want_no_partial_payments(database):
    billing = Billing(database, allow_partial_payments=False)
    invoice = billing.sent(5_000)
    with pytest.raises(Refused) as refused:
        billing.hold(4_999, allow_partial=True)
    assert (refused.value.code, refused.value.details["open_minor"]) == (codes.STALE_AMOUNT, 5_000)
    billing.sent(100)
    assert billing.hold(5_000, invoice).amount_minor == 5_000


@pytest.mark.parametrize("amount_minor", [0, -1, 10**12])
def test_an_absurd_amount_is_refused(billing: Billing, amount_minor: int):
    assert code_of(lambda: billing.hold(amount_minor, allow_overpayment=True)) == codes.INVALID


def test_another_currency_is_refused(billing: Billing):
    command = wire.HoldInvoices(payment_id=new_id(), customer_id=CUSTOMER, currency="EUR", amount_minor=100)
    assert code_of(lambda: billing.ask(command)) == codes.INVALID


@pytest.mark.parametrize("how", ["command", "failed", "cancelled"])
def test_a_released_invoice_can_be_paid_by_another_payment(billing: Billing, how: str):
    billing.sent(5_000)
    hold = billing.hold(5_000)
    for _ in range(2):
        if how == "command":
            billing.release(hold.payment_id)
        else:
            billing.hear({"failed": failed, "cancelled": cancelled}[how](hold.payment_id))
    assert billing.due().payable_minor == 5_000
    assert code_of(lambda: billing.hold(5_000, payment_id=hold.payment_id)) == codes.WRONG_STATE
    assert billing.hold(5_000).amount_minor == 5_000


@pytest.mark.parametrize("how", ["command", "failed", "cancelled"])
def test_a_release_that_comes_first_refuses_the_late_hold(billing: Billing, how: str):
    billing.sent(5_000)
    payment_id = new_id()
    for _ in range(2):
        if how == "command":
            assert billing.release(payment_id) is None
        else:
            billing.hear({"failed": failed, "cancelled": cancelled}[how](payment_id))
    assert code_of(lambda: billing.hold(5_000, payment_id=payment_id)) == codes.WRONG_STATE
    assert billing.due().payable_minor == 5_000


def test_money_that_comes_before_its_hold_refuses_the_late_hold(billing: Billing):
    invoice, other = billing.sent(5_000), billing.sent(2_000)
    payment_id = new_id()
    billing.hear(succeeded(5_000, payment_id=payment_id, invoices=[(invoice, 5_000)]))
    assert code_of(lambda: billing.hold(2_000, other, payment_id=payment_id)) == codes.WRONG_STATE
    assert (billing.open_minor(invoice), billing.open_minor(other)) == (0, 2_000)


@pytest.mark.parametrize("order", ["failed first", "failed last", "released last"])
def test_money_that_arrived_counts_whatever_else_is_heard(billing: Billing, order: str):
    invoice = billing.sent(5_000)
    hold = billing.hold(5_000)
    paid, broken = paid_as_held(hold), failed(hold.payment_id)
    if order == "failed first":
        billing.hear(broken, paid)
    elif order == "failed last":
        billing.hear(paid, broken)
    else:
        billing.hear(paid)
        assert billing.release(hold.payment_id) == hold
    assert billing.open_minor(invoice) == 0
    assert billing.due().processing_minor == 0


def test_credits_that_waited_for_a_held_invoice_are_applied_at_its_release(billing: Billing):
    invoice = billing.sent(5_000)
    hold = billing.hold(5_000)
    assert billing.credit(3_000).open_minor == 3_000
    assert billing.open_minor(invoice) == 5_000
    billing.hear(failed(hold.payment_id))
    assert billing.open_minor(invoice) == 2_000
