"""Invoices that were sent before their words were kept are found as well."""

import importlib

from sqlalchemy import text

from chassis.database import Database
from contracts import billing as wire
from tests.support.billing import CUSTOMER, Billing, line, row

MIGRATION = "services.billing.migrations.versions.0002_lists_that_are_searched_and_sorted"


def test_the_migration_keeps_the_words_of_what_was_sent_before(billing: Billing, monkeypatch):
    monkeypatch.setattr(f"{MIGRATION}._BATCH", 3)
    rows = [row(f"A-{at}", 300, at=at, lines=[line(100, "Lime"), line(200, f"Job {at}")]) for at in range(7)]
    billing.imports(*rows)
    billing.draft(number="DRAFT")
    wanted = _words(billing.database)
    assert len({invoice_id for _, invoice_id, _ in wanted}) == 7
    with billing.database.transaction() as session:
        session.execute(text("DELETE FROM invoice_words"))
        importlib.import_module(MIGRATION)._keep_words_of_what_was_sent_before(session.connection())
    assert _words(billing.database) == wanted
    assert len(billing.ask(wire.ListInvoices(customer_id=CUSTOMER, search="lime")).invoices) == 7


def _words(database: Database) -> set[tuple[str, str, str]]:
    with database.read() as session:
        rows = session.execute(text("SELECT customer_id, invoice_id, word FROM invoice_words")).all()
    return {(found[0], found[1], found[2]) for found in rows}
