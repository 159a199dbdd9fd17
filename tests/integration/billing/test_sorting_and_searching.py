"""Invoices sorted and searched, page by page, on both engines."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import product
from typing import Any, get_args

import pytest

from chassis.cursors import write_cursor
from chassis.ids import new_id
from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from services.billing import searching
from tests.support.billing import CUSTOMER, NEIGHBOUR, TODAY, Billing, line, row, succeeded

KEYS: dict[wire.InvoiceSort, Callable[[wire.InvoiceSummary], Any]] = {
    "newest": lambda each: each.issued_on,
    "oldest": lambda each: each.issued_on,
    "due_first": lambda each: each.due_on,
    "due_last": lambda each: each.due_on,
    "largest": lambda each: each.total_minor,
    "smallest": lambda each: each.total_minor,
    "most_open": lambda each: each.open_minor,
    "least_open": lambda each: each.open_minor,
}
DESCENDING = {"newest", "due_last", "largest", "most_open"}


def pages(billing: Billing, **fields: Any) -> Iterator[list[wire.InvoiceSummary]]:
    cursor = None
    while True:
        page = billing.ask(wire.ListInvoices(customer_id=CUSTOMER, cursor=cursor, **fields))
        yield page.invoices
        cursor = page.next_cursor
        if cursor is None:
            return


def numbers(billing: Billing, **fields: Any) -> list[str]:
    return [invoice.number for page in pages(billing, **fields) for invoice in page]


@pytest.fixture
def ties(billing: Billing) -> Billing:
    """Thirty invoices with few different dates and amounts, of every kind, and some that are hidden."""
    chance = random.Random(7)
    rows = [
        row(
            f"A-{at:02}",
            1_000 * chance.randint(1, 3),
            at=at,
            issued_on=date(2026, 2, chance.randint(1, 3)),
            due_on=TODAY + timedelta(days=chance.randint(-1, 1)),
        )
        for at in range(30)
    ]
    billing.imports(*rows, row("THEIRS", customer_id=NEIGHBOUR), row("DRAFT", issued_on=TODAY + timedelta(days=1)))
    found = billing.ask(wire.ListInvoices(customer_id=CUSTOMER, limit=100)).invoices
    for at, each in enumerate(found):
        view = billing.ask(wire.GetInvoice(customer_id=CUSTOMER, invoice_id=each.invoice_id))
        if at % 5 == 0:
            billing.hear(succeeded(each.total_minor, invoices=[(view, each.total_minor)]))
        elif at % 5 == 1:
            billing.hear(succeeded(400, invoices=[(view, 400)]))
        elif at % 10 == 2:
            billing.void(view)
    return billing


def test_every_order_of_every_filter_shows_each_once_in_order_over_its_pages(ties: Billing):
    for choice, sort in product(get_args(wire.InvoiceFilter), get_args(wire.InvoiceSort)):
        whole = wire.ListInvoices(customer_id=CUSTOMER, filter=choice, limit=100)
        unpaged = {each.number for each in ties.ask(whole).invoices}
        found = list(pages(ties, sort=sort, filter=choice, limit=7))
        assert all(len(page) == 7 for page in found[:-1])
        flat = [each for page in found for each in page]
        assert sorted(each.number for each in flat) == sorted(unpaged)
        keys = [KEYS[sort](each) for each in flat]
        assert keys == sorted(keys, reverse=sort in DESCENDING), (choice, sort)
        assert len(flat) == {"all": 30, "open": 21, "paid": 6}.get(choice, len(flat)) > 0


def test_a_payment_between_two_pages_repeats_and_drops_nothing_that_is_still_listed(billing: Billing):
    billing.imports(*(row(f"A-{at}", 1_000 + at, at=at) for at in range(8)))
    first = billing.ask(wire.ListInvoices(customer_id=CUSTOMER, filter="open", sort="largest", limit=3))
    (paid,) = billing.ask(wire.FindInvoices(numbers=["A-7"]))
    view = billing.ask(wire.GetInvoice(customer_id=CUSTOMER, invoice_id=paid.invoice_id))
    billing.hear(succeeded(1_007, invoices=[(view, 1_007)]))
    rest = wire.ListInvoices(customer_id=CUSTOMER, filter="open", sort="largest", limit=9, cursor=first.next_cursor)
    assert [each.number for each in billing.ask(rest).invoices] == ["A-4", "A-3", "A-2", "A-1", "A-0"]


@pytest.fixture
def searched(billing: Billing) -> Billing:
    def sent(number: str, *lines: wire.InvoiceLine, memo: str = "", customer_id: str = CUSTOMER) -> None:
        draft = billing.ask(
            wire.CreateInvoice(
                key=new_id(),
                customer_id=customer_id,
                issued_on=TODAY,
                due_on=TODAY,
                lines=list(lines),
                number=number,
                memo=memo,
            )
        )
        billing.send(draft)

    sent("INV-001042", line(8_450, "Mowing"), line(1_550, "Hedge trimming, Café side"))
    sent("1043", line(8_450, "Mowing"), memo="Gate was locked")
    sent("2000", line(104_300, "Snow removal"))
    sent("3000", line(8_450, "Mowing"), customer_id=NEIGHBOUR)
    billing.draft(8_450, number="4000")
    return billing


FOUND = {
    "1042": ["INV-001042"],
    "INV-001042": ["INV-001042"],
    "inv": ["INV-001042"],
    "104": ["1043", "INV-001042"],
    # A number to one, an amount to the other.
    "1043": ["1043", "2000"],
    "$84.50": ["1043"],
    "84.5": ["1043"],
    "$100": ["INV-001042"],
    "mow": ["1043", "INV-001042"],
    "MOWING hedge": ["INV-001042"],
    "cafe": ["INV-001042"],
    "CAFÉ": ["INV-001042"],
    "locked": ["1043"],
    "mowing 84.50": ["1043"],
    "removal snow": ["2000"],
    "mowing snow": [],
    "owing": [],
    "3000": [],
    "4000": [],
    "%": [],
    "'; DROP TABLE invoices; --": [],
    "   ": ["2000", "1043", "INV-001042"],
}
"""What is found by each search."""


def test_what_is_found_is_what_holds_every_word_or_amount(searched: Billing):
    for search, found in FOUND.items():
        assert sorted(numbers(searched, search=search)) == sorted(found), search


def test_a_number_whose_beginning_all_have_is_looked_up_by_its_end(billing: Billing, monkeypatch):
    monkeypatch.setattr("services.billing.searching.FEW", 5)
    billing.imports(*(row(f"INVOICES-{at}", at=at) for at in range(100, 120)))
    command = wire.ListInvoices(customer_id=CUSTOMER, search="invoices-107")
    with billing.database.read() as session:
        search = searching.look_up(session, command, currency="USD")
    assert search is not None
    assert len(search.values["few"]) == 1
    assert numbers(billing, search="invoices-107") == ["INVOICES-107"]


def test_an_amount_is_that_of_the_whole_or_of_what_is_still_open(billing: Billing):
    partly = billing.sent(10_000, number="PART")
    paid = billing.sent(6_000, number="PAID")
    gone = billing.sent(6_000, number="VOID")
    billing.hear(succeeded(4_000, invoices=[(partly, 4_000)]), succeeded(6_000, invoices=[(paid, 6_000)]))
    billing.void(gone)
    assert sorted(numbers(billing, search="60")) == ["PAID", "PART", "VOID"]
    assert numbers(billing, search="100.00") == ["PART"]
    assert numbers(billing, search="40") == []


def test_imported_invoices_are_found_by_their_lines(billing: Billing):
    billing.imports(row("A-1", 300, lines=[line(100, "Aeration"), line(200, "Lime")]), row("A-2", 300, at=2))
    assert numbers(billing, search="lime") == ["A-1"]


def test_what_most_invoices_match_is_found_in_order_over_pages_with_filter(billing: Billing, monkeypatch):
    monkeypatch.setattr("services.billing.searching.FEW", 5)
    rows = [
        row(
            f"A-{at:02}",
            1_000 + at % 3,
            at=at,
            description="Mowing" if at % 4 else "Snow",
            issued_on=date(2026, 2, 1 + at % 5),
        )
        for at in range(40)
    ]
    billing.imports(*rows)
    view = billing.ask(wire.FindInvoices(numbers=["A-01"]))[0]
    billing.void(billing.ask(wire.GetInvoice(customer_id=CUSTOMER, invoice_id=view.invoice_id)))
    for sort in get_args(wire.InvoiceSort):
        found = numbers(billing, search="mow", sort=sort, filter="open", limit=7)
        assert sorted(found) == [f"A-{at:02}" for at in range(2, 40) if at % 4]
        everything = numbers(billing, sort=sort, filter="open", limit=100)
        assert found == [number for number in everything if number in found]


@pytest.mark.parametrize(
    "fields",
    [
        {"search": "x" * 101},
        {"cursor": write_cursor("oldest", TODAY, "x")},
        {"cursor": write_cursor("newest", TODAY, "x\0")},
        {"cursor": write_cursor("largest", 2**70, TODAY, "x"), "sort": "largest"},
        {"cursor": write_cursor("largest", TODAY, "x"), "sort": "largest"},
        {"cursor": "%%%"},
    ],
)
def test_what_no_page_made_is_refused(billing: Billing, fields: dict[str, Any]):
    with pytest.raises(Refused) as refused:
        billing.ask(wire.ListInvoices(customer_id=CUSTOMER, **fields))
    assert refused.value.code == codes.INVALID
