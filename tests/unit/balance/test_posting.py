"""What each event does to the figures that a customer sees."""

from datetime import UTC, date, datetime

import pytest

from services.billing.balance import queries
from services.billing.balance.domain.ledger import (
    LedgerAccount,
    Posting,
    Transaction,
    TransactionKind,
    UnbalancedTransaction,
    entry,
)
from tests.support import balance as build


def test_a_sent_invoice_is_owed(ledger):
    ledger.hears(build.sent("i1", 8450))
    account = ledger.account()
    assert (account.balance_due_minor, account.credits_minor, account.account_balance_minor) == (8450, 0, 8450)
    assert account.open_invoices == 1


def test_a_payment_counts_as_credit_until_billing_has_allocated_it(ledger):
    ledger.hears(build.sent("i1", 8450), build.paid("p1", 8450))
    between = ledger.account()
    assert (between.balance_due_minor, between.credits_minor, between.account_balance_minor) == (8450, 8450, 0)
    ledger.hears(build.allocated("p1", [build.allocation("i1", 8450)]))
    after = ledger.account()
    assert (after.balance_due_minor, after.credits_minor, after.open_invoices) == (0, 0, 0)


def test_a_sub_dollar_invoice_is_not_paid(ledger):
    ledger.hears(build.sent("i1", 99))
    assert ledger.account().balance_due_minor == 99
    assert ledger.account().open_invoices == 1


def test_due_today_is_not_past_due_and_tomorrow_it_is(ledger):
    ledger.hears(build.sent("i1", 5000, due_on=date(2026, 3, 31)))
    assert ledger.account(today=date(2026, 3, 31)).past_due_minor == 0
    assert ledger.account(today=date(2026, 4, 1)).past_due_minor == 5000


def test_an_overpayment_is_left_as_credit(ledger):
    ledger.hears(build.sent("i1", 5000), build.paid("p1", 7000))
    ledger.hears(
        build.allocated("p1", [build.allocation("i1", 5000)], credit_minor=2000),
        build.credit("c1", 2000, kind="overpayment"),
    )
    account = ledger.account()
    assert (account.balance_due_minor, account.credits_minor, account.account_balance_minor) == (0, 2000, -2000)


def test_a_voided_invoice_that_was_paid_leaves_its_money_as_credit(ledger):
    put = build.allocation("i1", 5000)
    ledger.hears(build.sent("i1", 5000), build.paid("p1", 5000), build.allocated("p1", [put]))
    ledger.hears(build.reversed_allocations([put]), build.voided("i1", 5000))
    account = ledger.account()
    assert (account.balance_due_minor, account.credits_minor) == (0, 5000)


def test_a_goodwill_credit_lowers_the_account_balance_and_applies_to_an_invoice(ledger):
    ledger.hears(build.sent("i1", 5000), build.credit("c1", 1500))
    assert ledger.account().account_balance_minor == 3500
    ledger.hears(build.applied("c1", [build.allocation("i1", 1500)]))
    account = ledger.account()
    assert (account.balance_due_minor, account.credits_minor, account.account_balance_minor) == (3500, 0, 3500)


def test_a_void_that_overtakes_its_invoice_comes_out_the_same(ledger):
    ledger.hears(build.voided("i1", 5000))
    ledger.hears(build.sent("i1", 5000))
    account = ledger.account(today=date(2027, 1, 1))
    assert (account.balance_due_minor, account.past_due_minor, account.open_invoices) == (0, 0, 0)


def test_the_same_event_twice_posts_once(ledger):
    facts = [build.fact(build.sent("i1", 5000))]
    ledger.hears_facts(facts)
    ledger.hears_facts(facts)
    ledger.hears_facts(facts + facts)
    assert ledger.account().balance_due_minor == 5000


def test_as_of_uses_the_effective_date(ledger):
    ledger.hears(
        build.sent("i1", 5000, sent_on=date(2026, 1, 10), due_on=date(2026, 2, 9)),
        build.paid("p1", 5000, received_on=date(2026, 2, 20)),
        build.allocated("p1", [build.allocation("i1", 5000, effective_on=date(2026, 2, 20))]),
    )
    figures = {}
    with ledger.database.read() as session:
        for day in (date(2026, 1, 9), date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 20)):
            page = queries.accounts(session, as_of=day, is_today=False, currency="USD", cursor=None, limit=10)
            figures[day] = (page.accounts[0].balance_due_minor, page.accounts[0].past_due_minor)
    assert figures == {
        date(2026, 1, 9): (0, 0),
        date(2026, 2, 9): (5000, 0),
        date(2026, 2, 10): (5000, 5000),
        date(2026, 2, 20): (0, 0),
    }


def test_a_payment_is_included_once_money_and_allocation_are_both_posted(ledger):
    ledger.hears(build.sent("i1", 5000), build.paid("p1", 5000))
    with ledger.database.read() as session:
        assert not queries.includes(session, ["p1"])
        assert queries.includes(session, ["i1"])
        assert queries.includes(session, [])
    ledger.hears(build.allocated("p1", [build.allocation("i1", 5000)]))
    with ledger.database.read() as session:
        assert queries.includes(session, ["p1", "i1"])
        assert not queries.includes(session, ["p1", "unknown"])


def test_a_customer_who_was_never_invoiced_owes_nothing(ledger):
    account = ledger.account(customer_id="nobody")
    assert (account.balance_due_minor, account.credits_minor, account.activity) == (0, 0, [])


def test_a_transaction_that_does_not_balance_cannot_be_made():
    with pytest.raises(UnbalancedTransaction):
        _transaction(
            Posting(account=LedgerAccount.CASH, amount_minor=100, effective_on=date(2026, 1, 1)),
            Posting(account=LedgerAccount.REVENUE, amount_minor=-99, effective_on=date(2026, 1, 1)),
        )


def test_a_transaction_must_balance_on_each_of_its_days():
    with pytest.raises(UnbalancedTransaction):
        _transaction(
            Posting(account=LedgerAccount.CASH, amount_minor=100, effective_on=date(2026, 1, 1)),
            Posting(account=LedgerAccount.REVENUE, amount_minor=-100, effective_on=date(2026, 1, 2)),
        )


def test_a_posting_of_zero_cannot_be_made():
    with pytest.raises(UnbalancedTransaction):
        _transaction(
            *entry(
                debit=LedgerAccount.CASH,
                credit=LedgerAccount.REVENUE,
                amount_minor=0,
                effective_on=date(2026, 1, 1),
            )
        )


def _transaction(*postings: Posting) -> Transaction:
    return Transaction(
        event_id="e1",
        kind=TransactionKind.INVOICE,
        source_id="i1",
        customer_id="c1",
        currency="USD",
        reference="",
        description="",
        effective_on=date(2026, 1, 1),
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        postings=postings,
    )


def test_as_of_today_leaves_out_what_is_effective_later(ledger):
    ledger.hears(build.sent("i1", 5000, sent_on=date(2026, 3, 1)), build.sent("i2", 700, sent_on=date(2026, 3, 9)))
    with ledger.database.read() as session:
        page = queries.accounts(session, as_of=date(2026, 3, 5), is_today=True, currency="USD", cursor=None, limit=10)
    assert page.accounts[0].balance_due_minor == 5000


def test_a_refund_of_what_an_invoice_was_paid_with_leaves_it_owed_again(ledger):
    put = build.allocation("i1", 5000)
    ledger.hears(build.sent("i1", 5000), build.paid("p1", 5000), build.allocated("p1", [put]))
    ledger.hears(build.returned("p1", 5000), build.reversed_allocations([put]))
    account = ledger.account()
    assert (account.balance_due_minor, account.credits_minor, account.account_balance_minor) == (5000, 0, 5000)
    assert (account.activity[0].kind, account.activity[0].amount_minor) == ("refund", 5000)


def test_a_dispute_that_is_won_leaves_its_money_as_credit_until_billing_has_put_it_on(ledger):
    put = build.allocation("i1", 5000)
    ledger.hears(build.sent("i1", 5000), build.paid("p1", 5000), build.allocated("p1", [put]))
    ledger.hears(build.returned("p1", 5000, kind="dispute"), build.reversed_allocations([put]))
    ledger.hears(build.restored("p1", 5000))
    account = ledger.account()
    assert (account.balance_due_minor, account.credits_minor, account.account_balance_minor) == (5000, 5000, 0)
    assert [row.kind for row in account.activity][:2] == ["restored", "dispute"]
