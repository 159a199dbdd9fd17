"""Billing's answers wait for payments of which the caller knows, and say whether they are in."""

import threading
from typing import Any

import pytest

from contracts.billing import GetAmountDue, GetInvoice, ListCredits, ListInvoices
from tests.support.billing import CUSTOMER, row, succeeded

QUESTIONS = (GetAmountDue, ListInvoices, ListCredits)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_waits_until_the_money_is_on_invoices(billing, question):
    billing.imports(row("1", 5000))
    payment = succeeded(5000)
    found: list[Any] = []
    asking = question(customer_id=CUSTOMER, must_include=[payment.payment_id])
    waiting = threading.Thread(target=lambda: found.append(billing.ask(asking)))
    waiting.start()
    billing.hear(payment)
    waiting.join()
    assert found[0].included


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_that_waited_in_vain_says_so(billing, question):
    assert not billing.ask(question(customer_id=CUSTOMER, must_include=["a-payment-that-never-comes"])).included


def test_an_invoice_that_includes_the_payment_shows_it(billing):
    (invoice,) = billing.imports(row("1", 5000))
    payment = succeeded(5000)
    billing.hear(payment)
    asking = GetInvoice(customer_id=CUSTOMER, invoice_id=invoice.id, must_include=[payment.payment_id])
    view = billing.ask(asking)
    assert (view.included, view.summary.open_minor) == (True, 0)


def test_who_waits_for_nothing_is_answered_at_once(billing):
    assert billing.ask(GetAmountDue(customer_id=CUSTOMER)).included
