import threading

import pytest

from contracts import identity as wire
from contracts.wire import Refused
from services.identity import queries
from tests.support.identity import Identity


def row(reference: str, number: int = 1, **values: str | None) -> wire.CustomerRow:
    return wire.CustomerRow(row=number, reference=reference, **values)


def test_importing_twice_changes_nothing_the_second_time(identity):
    rows = [
        row("A-1", 1, name="Ana Lima", email="Ana@Example.com", phone="555 1234", address="1 Elm St"),
        row("A-2", 2, name="Bo Chen"),
    ]
    first, second = identity.import_rows(*rows), identity.import_rows(*rows)
    assert [result.status for result in first] == ["created", "created"]
    assert [result.status for result in second] == ["unchanged", "unchanged"]
    assert [result.id for result in first] == [result.id for result in second]
    assert len(identity.events(wire.ContactChanged)) == 2


def test_a_change_raises_the_version_and_is_published_whole(identity):
    identity.import_rows(row("A-1", name="Ana Lima", email="ana@example.com"))
    (result,) = identity.import_rows(row("A-1", phone="555 1234"))
    assert result.status == "updated"
    event = identity.events(wire.ContactChanged)[-1]
    assert event == wire.ContactChanged(
        customer_id=result.id,
        version=2,
        reference="A-1",
        name="Ana Lima",
        email="ana@example.com",
        phone="555 1234",
        address=None,
        origin="import",
    )


def test_a_bad_row_is_refused_alone(identity):
    results = identity.import_rows(
        row("A-1", 11, name="Ana"), row("A-2", 12, name="Bo", email="bo.example.com"), row("A-3", 13, name="Cy")
    )
    assert [(result.row, result.status) for result in results] == [(11, "created"), (12, "refused"), (13, "created")]
    assert results[1].code == "invalid"
    assert "'bo.example.com'" in results[1].message
    assert [event.reference for event in identity.events(wire.ContactChanged)] == ["A-1", "A-3"]


def test_a_refused_change_leaves_the_customer_as_it_was(identity):
    customer_id = identity.customer("ana@example.com", reference="A-1")
    identity.import_rows(row("A-1", name="Another\x00name", email="other@example.com"))
    assert identity.view(customer_id).email == "ana@example.com"


def test_the_same_reference_twice_in_one_file_makes_one_customer(identity):
    results = identity.import_rows(row("A-1", 1, name="Ana"), row("A-1", 2, name="Ana Lima"))
    assert [result.status for result in results] == ["created", "updated"]
    assert results[0].id == results[1].id
    assert [(event.version, event.name) for event in identity.events(wire.ContactChanged)] == [(2, "Ana Lima")]


def test_create_only_leaves_those_who_exist_alone(identity):
    customer_id = identity.customer("ana@example.com", reference="A-1")
    results = identity.import_rows(row("A-1", 1, name="A-1"), row("A-2", 2), create_only=True)
    assert [result.status for result in results] == ["unchanged", "created"]
    assert identity.view(customer_id).name == "Ana Lima"


def test_two_imports_at_once_make_each_customer_once(identity):
    rows = [row(f"A-{number}", number, name=f"Customer {number}") for number in range(40)]
    outcomes: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append([r.status for r in identity.import_rows(*rows)]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted({status for outcome in outcomes for status in outcome}) == ["created", "unchanged"]
    assert len(outcomes) == 4
    assert len(identity.events(wire.ContactChanged)) == 40


def test_too_many_rows_at_once_are_refused(identity):
    with pytest.raises(Refused, match="At most 500"):
        identity.import_rows(*(row(f"A-{number}") for number in range(501)))


def test_every_customer_is_on_exactly_one_page(identity: Identity):
    references = [f"{letter}-{number}" for letter in "aBä" for number in range(5)]
    identity.import_rows(*(row(reference) for reference in references))
    seen, cursor = [], None
    with identity.database.read() as session:
        while True:
            page = queries.customers(session, wire.ListCustomers(cursor=cursor, limit=4))
            seen += [customer.reference for customer in page.customers]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == sorted(references)


def test_customers_are_found_by_their_references(identity: Identity):
    identity.import_rows(row("A-1"), row("A-2"), row("A-3"))
    with identity.database.read() as session:
        found = queries.customers_by_reference(session, wire.FindCustomers(references=["A-3", "A-1", "nobody"]))
    assert [customer.reference for customer in found] == ["A-1", "A-3"]


def test_an_unknown_customer_is_not_found(identity):
    with pytest.raises(Refused) as refusal:
        identity.view("0190a000-0000-7000-8000-000000000001")
    assert refusal.value.code == "not_found"
