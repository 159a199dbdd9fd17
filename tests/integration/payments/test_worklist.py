"""What people must look at: payments whose outcome the provider would not tell for as long as it was asked."""

from datetime import timedelta

import pytest

from contracts import codes
from contracts.payments import ContinuePayment, ListNeedingStaff, NeedingStaffPage, PaymentNeedingStaff
from contracts.wire import Refused
from tests.support.payments import CUSTOMER, NEIGHBOUR, START, Payments


def needing_staff(payments: Payments, **query: object) -> NeedingStaffPage:
    return payments.ask(ListNeedingStaff(**query))  # type: ignore[arg-type]


def left_open(payments: Payments, customer_id: str = CUSTOMER, key: str = "form-1") -> str:
    """A payment that was charged, of which the answer got lost, and that Stripe was asked about for 30 days."""
    payments.stripe.lose("confirm_intent", "after")
    payment_id = payments.pay(customer_id=customer_id, key=key).payment_id
    payments.change(payment_id, needs_staff=True, next_check_at=None, checks=32)
    return payment_id


def test_a_payment_asked_about_in_vain_for_thirty_days_is_on_the_list_with_what_people_need(payments: Payments):
    payments.stripe.lose("confirm_intent", "after")
    payment_id = payments.pay().payment_id
    assert needing_staff(payments).payments == []
    for _ in range(32):
        payments.stripe.lose("retrieve_intent", "before")
        payments.pass_time(days=1)

    assert needing_staff(payments).payments == [
        PaymentNeedingStaff(
            payment_id=payment_id,
            customer_id=CUSTOMER,
            currency="USD",
            amount_minor=5_000,
            state="unknown",
            created_at=START,
            stripe_intent_id=payments.stripe.only().intent_id,
        )
    ]


def test_once_it_is_settled_it_leaves_the_list(payments: Payments):
    payment_id = left_open(payments)

    view = payments.ask(ContinuePayment(customer_id=CUSTOMER, payment_id=payment_id))

    assert view.state == "succeeded"
    assert needing_staff(payments).payments == []


def test_one_that_stripe_still_does_not_decide_stays_on_it(payments: Payments):
    payment_id = left_open(payments)
    payments.stripe.lose("retrieve_intent", "before")

    view = payments.ask(ContinuePayment(customer_id=CUSTOMER, payment_id=payment_id))

    assert not view.settled
    assert [each.payment_id for each in needing_staff(payments).payments] == [payment_id]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_list_comes_in_pages_oldest_first_over_all_customers(payments: Payments, limit: int):
    expected = []
    for number, customer_id in enumerate((CUSTOMER, NEIGHBOUR, CUSTOMER)):
        expected.append(left_open(payments, customer_id, f"form-{number}"))
        payments.billing.customers.clear()
        payments.clock.at += timedelta(minutes=1)
    payments.pay(key="one that is well")

    seen: list[str] = []
    page = needing_staff(payments, limit=limit)
    seen += [each.payment_id for each in page.payments]
    while page.next_cursor is not None:
        page = needing_staff(payments, limit=limit, cursor=page.next_cursor)
        assert page.payments
        seen += [each.payment_id for each in page.payments]

    assert seen == expected


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 501}, {"cursor": "not ours"}])
def test_a_page_that_cannot_be_is_refused(payments: Payments, query: dict[str, object]):
    with pytest.raises(Refused) as refused:
        needing_staff(payments, **query)
    assert refused.value.code == codes.INVALID
