"""Postings on both engines, whose statements for many rows differ."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DataError

from chassis.database import Database
from services.billing.balance import operations, projections
from services.billing.balance.bulk import insert_rows
from services.billing.balance.models import AccountRow, OpenItemRow, PostingRow, TransactionRow
from tests.support import balance as build
from tests.support.engines import both_engines

database = both_engines("services.billing.balance.migrations")


def post(database: Database, facts) -> int:
    with database.transaction() as session:
        return operations.post(session, facts)


def test_a_batch_is_posted_once_however_often_it_comes(database):
    facts = [build.fact(build.sent(f"i{number}", 100 + number)) for number in range(250)]

    assert post(database, [*facts, facts[0]]) == 250
    assert post(database, facts[100:]) == 0

    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(TransactionRow)) == 250
        assert session.scalar(select(func.count()).select_from(PostingRow)) == 500
        assert list(projections.differences(session)) == []


def test_figures_are_added_to_those_that_are_there(database):
    post(database, [build.fact(build.sent("i1", 8450)), build.fact(build.sent("i2", 1000))])
    post(database, [build.fact(build.sent("i3", 550)), build.fact(build.paid("p1", 2000))])

    with database.transaction() as session:
        account = session.get_one(AccountRow, build.CUSTOMER)
        assert (account.receivable_minor, account.credit_minor) == (10_000, 2000)
        assert list(projections.differences(session)) == []


def test_an_invoice_that_comes_after_its_payment_still_gets_its_due_date(database):
    put = build.allocation("i1", 5000)
    post(database, [build.fact(build.paid("p1", 5000)), build.fact(build.allocated("p1", [put]))])
    post(database, [build.fact(build.sent("i1", 5000, due_on=date(2026, 3, 31)))])

    with database.read() as session:
        item = session.get_one(OpenItemRow, "i1")
        assert (item.due_on, item.open_minor) == (date(2026, 3, 31), 0)


def test_a_text_that_does_not_fit_is_refused_and_not_cut(database):
    if database.is_sqlite:
        pytest.skip("SQLite knows no lengths")
    row = {"customer_id": "c", "currency": "DOLLARS", "receivable_minor": 1, "credit_minor": 0}

    with pytest.raises(DataError, match="too long"), database.transaction() as session:
        insert_rows(session, AccountRow.__table__, [row])  # type: ignore[arg-type]
