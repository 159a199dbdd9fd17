from datetime import date

from benchmarks.portal import Account, _bills, _payments
from benchmarks.scale import ACCOUNTS

TODAY = date(2026, 6, 30)


def test_accounts_have_the_ledger_rows_that_they_are_named_for():
    for rows, account in ACCOUNTS.items():
        assert account.paid % account.paid_together == 0
        assert account.paid + account.paid // account.paid_together + account.open == rows


def test_one_payment_is_made_for_the_invoices_paid_together():
    bills = list(_bills(Account(reference="A", paid=4, paid_together=2, open=1), "customer", TODAY))

    payments = _payments(bills, ["i0", "i1", "i2", "i3", "i4"])

    assert [payment.invoice_ids for payment in payments] == [["i0", "i1"], ["i2", "i3"]]
    assert all(payment.amount_minor == 2 * 8450 for payment in payments)


def test_drafts_are_for_tomorrow_and_nothing_else_is():
    bills = list(_bills(Account(reference="A", paid=2, open=2, drafts=2), "customer", TODAY))

    assert [bill.issued_on > TODAY for bill in bills] == [False, False, False, False, True, True]
