"""The account history: order, running balance, pages."""

from datetime import date

import pytest

from contracts.wire import Refused
from tests.support import balance as build


def test_the_running_balance_ends_at_the_account_balance(ledger):
    ledger.hears(
        build.sent("i1", 8450, sent_on=date(2026, 1, 5)),
        build.paid("p1", 8450, received_on=date(2026, 1, 20)),
        build.allocated("p1", [build.allocation("i1", 8450)]),
        build.sent("i2", 9800, sent_on=date(2026, 2, 5)),
    )
    rows = ledger.account().activity
    assert [(row.kind, row.amount_minor, row.running_balance_minor) for row in rows] == [
        ("invoice", 9800, 9800),
        ("payment", -8450, 0),
        ("invoice", 8450, 8450),
    ]


def test_a_line_that_arrives_late_takes_its_place_by_effective_date(ledger):
    ledger.hears(build.sent("i2", 2000, sent_on=date(2026, 2, 5)), build.sent("i1", 1000, sent_on=date(2026, 1, 5)))
    rows = ledger.account().activity
    assert [(row.source_id, row.running_balance_minor) for row in rows] == [("i2", 3000), ("i1", 1000)]


def test_pages_join_into_the_same_history_as_one_long_page(ledger):
    for month in range(1, 13):
        for day in (1, 1, 15, 28):
            ledger.hears(build.sent(f"i{month}-{day}-{len(ledger.facts)}", 100 + month, sent_on=date(2025, month, day)))
        ledger.hears(build.paid(f"p{month}", 150, received_on=date(2025, month, 20)))
    whole = ledger.history(limit=500)
    pages, cursor = [], None
    while True:
        page = ledger.history(limit=7, cursor=cursor)
        pages += page.rows
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(pages) == 60
    assert pages == whole.rows
    assert whole.next_cursor is None


def test_a_cursor_that_is_not_ours_is_refused(ledger):
    with pytest.raises(Refused) as refusal:
        ledger.history(limit=5, cursor="WyJ4Il0")
    assert refusal.value.code == "invalid"
