"""One currency a deployment: what is there in one is never added to amounts in another."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from nameko.testing.services import worker_factory

from chassis.currency import one_currency
from chassis.database import Database
from chassis.hosting import CannotStart
from services.billing.balance.models import AccountRow
from services.billing.balance.operations import post
from services.billing.balance.service import BalanceService
from tests.integration.porchlight.test_command import run
from tests.support import balance as build
from tests.support.engines import both_engines

database = both_engines("services.billing.balance.migrations")

INVOICES = "customer,number,issued_on,due_on,total\nC1,N1,2026-01-05,2026-02-04,50.00\n"


@dataclass(frozen=True)
class Settings:
    database_url: str
    currency: str = "EUR"


def test_a_home_with_dollars_does_not_start_with_another_currency(tmp_path: Path):
    file = tmp_path / "invoices.csv"
    file.write_text(INVOICES, encoding="utf-8")
    options = ("--create-customers", "--errors", str(tmp_path / "errors.csv"), "--today", "2026-03-01")
    assert run(tmp_path, "import", "invoices", str(file), *options).returncode == 0

    ran = run(tmp_path, "accounts", "--format", "csv", PORCHLIGHT_CURRENCY="EUR")
    assert ran.returncode == 1
    assert "PORCHLIGHT_CURRENCY is EUR" in ran.stderr
    assert "holds amounts in USD" in ran.stderr
    assert "Traceback" not in ran.stderr

    assert "C1,5000" in run(tmp_path, "accounts", "--format", "csv", "--today", "2026-03-01").stdout


def test_an_empty_database_takes_any_currency_and_one_with_amounts_only_its_own(database: Database):
    check, settings = one_currency(AccountRow.currency), Settings(database_url=database.url)
    check(settings)
    with database.transaction() as session:
        post(session, [build.fact(build.sent("i1", 5000))])
    with pytest.raises(CannotStart, match=r"is EUR, but the database .* holds amounts in USD"):
        check(settings)


def test_an_event_in_another_currency_is_not_posted():
    service = worker_factory(BalanceService)
    service.settings.currency = "EUR"
    event, envelope = build.fact(build.sent("i1", 5000))
    with pytest.raises(ValueError, match="is in USD, the ledger in EUR"):
        service.post(None, event, envelope)
