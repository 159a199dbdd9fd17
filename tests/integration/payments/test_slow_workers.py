"""A worker that takes longer than its lease finds that another one has gone on with the payment."""

import pytest

from contracts import codes
from contracts.billing import HoldInvoices
from contracts.wire import Refused
from services.payments.domain import schedule
from tests.support.payments import Payments


def test_a_worker_overtaken_while_it_asked_billing_leaves_the_hold_to_the_charge(payments: Payments):
    def another_worker_takes_over() -> None:
        payments.clock.at += schedule.LEASE
        payments.stripe.lose("confirm_intent", "after")
        assert payments.pay().state == "unknown"

    payments.billing.strike(HoldInvoices, "after", another_worker_takes_over)

    with pytest.raises(Refused) as refused:
        payments.pay()

    assert refused.value.code == codes.UNAVAILABLE
    assert payments.stripe.charges() == 1
    assert payments.billing.holds, "money is on its way: nobody else may pay these invoices meanwhile"


def test_a_worker_that_billing_did_not_answer_leaves_the_hold_to_the_charge(payments: Payments):
    def another_worker_takes_over() -> None:
        payments.clock.at += schedule.LEASE
        payments.stripe.lose("confirm_intent", "after")
        assert payments.pay().state == "unknown"
        raise Refused(codes.UNAVAILABLE, "no answer")

    payments.billing.strike(HoldInvoices, "after", another_worker_takes_over)

    with pytest.raises(Refused):
        payments.pay()

    assert payments.stripe.charges() == 1
    assert payments.billing.holds
