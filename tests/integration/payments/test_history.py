"""The customer's payments: newest first, in pages, without those that never began."""

from datetime import date

import pytest

from contracts import codes
from contracts.billing import HoldInvoices
from contracts.payments import ListPayments, ListSucceededPayments, RecordPayments, SucceededPayment
from contracts.wire import Refused
from tests.support.payments import CUSTOMER, NEIGHBOUR, Payments, recorded


def _listed(payments: Payments, **values):
    return payments.ask(ListPayments(customer_id=CUSTOMER, **values))


def test_payments_come_by_date_of_receipt_newest_first(payments: Payments):
    days = [date(2026, 3, 1), date(2025, 7, 4), date(2026, 3, 9)]
    payments.ask(RecordPayments(rows=[recorded(row, received_on=day) for row, day in enumerate(days)]))
    payments.pay()

    assert [view.received_on for view in _listed(payments).payments] == [
        date(2026, 3, 10),
        date(2026, 3, 9),
        date(2026, 3, 1),
        date(2025, 7, 4),
    ]


def test_pages_hold_every_payment_once(payments: Payments):
    payments.ask(RecordPayments(rows=[recorded(row) for row in range(7)]))
    seen, cursor = [], None
    for _ in range(4):
        page = _listed(payments, cursor=cursor, limit=2)
        seen += [view.payment_id for view in page.payments]
        cursor = page.next_cursor

    assert cursor is None
    assert sorted(seen) == sorted(row.payment_id for row in payments.rows())


def test_a_cursor_that_is_not_ours_is_refused(payments: Payments):
    with pytest.raises(Refused) as refusal:
        _listed(payments, cursor="nonsense")

    assert refusal.value.code == codes.INVALID


def test_only_the_customers_own_are_listed(payments: Payments):
    payments.ask(RecordPayments(rows=[recorded(1), recorded(2, customer_id=NEIGHBOUR)]))

    assert len(_listed(payments).payments) == 1


def test_declines_are_listed_and_what_never_began_is_not(payments: Payments):
    payments.pay(key="form-1", payment_method="pm_declined")
    payments.billing.lose(HoldInvoices, "before")
    with pytest.raises(Refused):
        payments.pay(key="form-2")

    assert [view.state for view in _listed(payments).payments] == ["failed"]


def test_what_is_on_its_way_is_summed_over_all_pages(payments: Payments):
    payments.pay(payment_method="pm_asks", amount_minor=1_000, allow_partial=True)
    payments.billing.customers.clear()
    payments.pay(key="form-2", payment_method="pm_slow", amount_minor=2_000, allow_partial=True)
    payments.billing.customers.clear()
    payments.pay(key="form-3", amount_minor=700, allow_partial=True)

    page = _listed(payments, limit=1)

    assert len(page.payments) == 1
    assert page.processing_minor == 3_000


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_every_payment_that_was_received_is_listed_once_for_proofs(payments: Payments, limit: int):
    payments.ask(RecordPayments(rows=[recorded(1), recorded(2, customer_id=NEIGHBOUR)]))
    payments.pay(key="form-1", payment_method="pm_declined")
    payments.pay(key="form-2")
    received = [row for row in payments.rows() if row.state == "succeeded"]
    seen: list[SucceededPayment] = []
    after: str | None = ""
    while after is not None:
        page = payments.ask(ListSucceededPayments(after=after, limit=limit))
        seen += page.payments
        after = page.next_after
    assert seen == [
        SucceededPayment(payment_id=row.payment_id, customer_id=row.customer_id, amount_minor=row.amount_minor)
        for row in received
    ]
    assert len(seen) == 3
