from datetime import date, time, timedelta

import pytest

from chassis.ids import new_id
from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from tests.support.billing import CUSTOMER, NEIGHBOUR, TODAY, Billing, line, row, visit_terms


def upcoming(billing: Billing, customer_id: str = CUSTOMER, **query) -> list[date]:
    page = billing.ask(wire.ListVisits(customer_id=customer_id, period="upcoming", **query))
    return [visit.terms.scheduled_on for visit in page.visits]


def past(billing: Billing, customer_id: str = CUSTOMER) -> list[date]:
    page = billing.ask(wire.ListVisits(customer_id=customer_id, period="past"))
    return [visit.terms.scheduled_on for visit in page.visits]


def days(*offsets: int) -> list[date]:
    return [TODAY + timedelta(days=offset) for offset in offsets]


def test_upcoming_visits_come_soonest_first_and_past_ones_newest_first(billing: Billing):
    for offset in (3, 0, 40, 1):
        billing.visit(days(offset)[0])
    assert upcoming(billing) == days(0, 1, 3, 40)
    billing.today = days(2)[0]
    assert upcoming(billing) == days(3, 40)
    assert past(billing) == days(1, 0)


def test_a_visit_of_today_is_upcoming_until_it_is_done(billing: Billing):
    visit = billing.visit(TODAY)
    assert upcoming(billing) == [TODAY]
    assert past(billing) == []
    billing.ask(wire.CompleteVisit(visit_id=visit.visit_id, crew_note="All done."))
    assert upcoming(billing) == []
    assert past(billing) == [TODAY]


def test_visits_of_one_day_stand_in_the_order_of_their_windows(billing: Billing):
    for start in (14, 8, 11):
        billing.visit(TODAY, service=f"at {start}", arrives_from=time(start), arrives_until=time(start + 2))
    billing.visit(TODAY, service="any time")
    page = billing.ask(wire.ListVisits(customer_id=CUSTOMER))
    assert [visit.terms.service for visit in page.visits] == ["any time", "at 8", "at 11", "at 14"]


@pytest.mark.parametrize("period", ["upcoming", "past"])
def test_pages_hold_every_visit_once(billing: Billing, period):
    for offset in range(4):
        for hour in (8, 12):
            billing.visit(days(offset)[0], arrives_from=time(hour), arrives_until=time(hour + 1))
        billing.visit(days(offset)[0])
    if period == "past":
        billing.today = days(10)[0]
    seen, cursor = [], None
    while True:
        page = billing.ask(wire.ListVisits(customer_id=CUSTOMER, period=period, cursor=cursor, limit=5))
        seen += [visit.visit_id for visit in page.visits]
        cursor = page.next_cursor
        if cursor is None:
            break
    whole = billing.ask(wire.ListVisits(customer_id=CUSTOMER, period=period, limit=100))
    assert seen == [visit.visit_id for visit in whole.visits]
    assert len(seen) == len(set(seen)) == 12


@pytest.mark.parametrize("cursor", ["", "x", "bm90LWEtY3Vyc29y", "WzFd"])
def test_a_cursor_that_is_not_ours_is_refused(billing: Billing, cursor):
    with pytest.raises(Refused) as refused:
        billing.ask(wire.ListVisits(customer_id=CUSTOMER, cursor=cursor))
    assert refused.value.code == codes.INVALID


def test_another_customers_visit_does_not_exist(billing: Billing):
    visit = billing.visit()
    for customer_id, visit_id in ((NEIGHBOUR, visit.visit_id), (CUSTOMER, new_id()), (CUSTOMER, "")):
        with pytest.raises(Refused) as refused:
            billing.ask(wire.GetVisit(customer_id=customer_id, visit_id=visit_id))
        assert refused.value.code == codes.NOT_FOUND
    assert upcoming(billing, NEIGHBOUR) == []


def test_a_visit_is_scheduled_once_for_each_key(billing: Billing):
    command = wire.ScheduleVisit(key=new_id(), customer_id=CUSTOMER, terms=visit_terms(TODAY))
    assert billing.ask(command) == billing.ask(command)
    assert upcoming(billing) == [TODAY]
    assert len(billing.events(wire.VisitChanged)) == 1


def test_a_visit_is_neither_scheduled_nor_moved_into_the_past(billing: Billing):
    with pytest.raises(Refused) as refused:
        billing.visit(days(-1)[0])
    assert refused.value.details["field"] == "scheduled_on"
    visit = billing.visit()
    with pytest.raises(Refused):
        billing.ask(wire.ChangeVisit(visit_id=visit.visit_id, terms=visit_terms(days(-1)[0])))


def test_each_change_is_told_once_with_the_next_version(billing: Billing):
    visit = billing.visit(days(5)[0])
    moved = wire.ChangeVisit(
        visit_id=visit.visit_id, terms=visit_terms(days(6)[0], arrives_from=time(9), arrives_until=time(11))
    )
    for _ in range(2):
        billing.ask(moved)
    for _ in range(2):
        off = billing.ask(wire.CancelVisit(visit_id=visit.visit_id, reason="rain"))
    assert (off.state, off.cancel_reason, off.version) == ("cancelled", "rain", 3)
    told = [(event.version, event.state, event.scheduled_on) for event in billing.events(wire.VisitChanged)]
    assert told == [(1, "scheduled", days(5)[0]), (2, "scheduled", days(6)[0]), (3, "cancelled", days(6)[0])]


def test_the_visits_behind_an_invoices_lines_are_in_its_answer(billing: Billing):
    whole, other = (billing.visit(TODAY, service=name) for name in ("Edging", "Pruning"))
    visit = billing.visit(TODAY, arrives_from=time(8), arrives_until=time(10), crew_note="Gate was locked")
    invoice = billing.sent()
    neighbours = billing.visit(TODAY, customer_id=NEIGHBOUR)
    billing.ask(wire.BillVisit(visit_id=visit.visit_id, invoice_id=invoice.summary.invoice_id, line=0))
    billing.ask(wire.BillVisit(visit_id=whole.visit_id, invoice_id=invoice.summary.invoice_id))
    with pytest.raises(Refused) as refused:
        billing.ask(wire.BillVisit(visit_id=neighbours.visit_id, invoice_id=invoice.summary.invoice_id))
    assert refused.value.code == codes.NOT_FOUND
    with pytest.raises(Refused):
        billing.ask(wire.BillVisit(visit_id=other.visit_id, invoice_id=invoice.summary.invoice_id, line=1))
    behind = billing.get(invoice).visits
    found = [(each.line, each.visit_id, each.service) for each in behind]
    assert found == [(0, visit.visit_id, "Mowing"), (None, whole.visit_id, "Edging")]
    for told, asked in zip(behind, (visit, whole), strict=True):
        terms = asked.terms
        assert (told.arrives_from, told.arrives_until) == (terms.arrives_from, terms.arrives_until)
        assert told.crew_note == terms.crew_note
    seen = billing.ask(wire.GetVisit(customer_id=CUSTOMER, visit_id=visit.visit_id))
    assert seen.invoice is not None
    assert (seen.invoice.number, seen.line) == (invoice.summary.number, 0)


def test_a_draft_is_named_to_the_business_and_not_to_the_customer(billing: Billing):
    visit, draft = billing.visit(TODAY), billing.draft()
    told = billing.ask(wire.BillVisit(visit_id=visit.visit_id, invoice_id=draft.summary.invoice_id, line=0))
    assert told.invoice is not None
    seen = billing.ask(wire.GetVisit(customer_id=CUSTOMER, visit_id=visit.visit_id))
    assert (seen.invoice, seen.line) == (None, None)
    assert draft.summary.invoice_id.encode() not in str(seen).encode()
    billing.void(draft)
    assert billing.ask(wire.GetVisit(customer_id=CUSTOMER, visit_id=visit.visit_id)).invoice is None


def test_a_visit_is_billed_anew_only_once_its_invoice_is_void(billing: Billing):
    visit, first, second = billing.visit(TODAY), billing.sent(), billing.sent()
    billing.ask(wire.BillVisit(visit_id=visit.visit_id, invoice_id=first.summary.invoice_id))
    again = wire.BillVisit(visit_id=visit.visit_id, invoice_id=second.summary.invoice_id)
    with pytest.raises(Refused) as refused:
        billing.ask(again)
    assert refused.value.code == codes.CONFLICT
    billing.void(first)
    billed = billing.ask(wire.GetVisit(customer_id=CUSTOMER, visit_id=visit.visit_id)).invoice
    assert billed is not None
    assert billed.state == "void"
    billed = billing.ask(again).invoice
    assert billed is not None
    assert billed.number == second.summary.number


def test_the_next_visits_come_with_what_is_due(billing: Billing):
    for offset in (9, 2, 5):
        billing.visit(days(offset)[0])
    off = billing.visit(days(1)[0])
    billing.ask(wire.CancelVisit(visit_id=off.visit_id))
    due = billing.ask(wire.GetAmountDue(customer_id=CUSTOMER, visit_limit=2))
    assert [visit.terms.scheduled_on for visit in due.next_visits] == days(2, 5)
    assert billing.due().next_visits == []


def test_a_line_that_a_draft_lost_leaves_the_visit_behind_the_whole_invoice(billing: Billing):
    tomorrow = days(1)[0]
    two = row("A-1", 300, issued_on=tomorrow, due_on=tomorrow, lines=[line(100), line(200)])
    billing.imports(two)
    (draft,) = billing.ask(wire.FindInvoices(numbers=["A-1"]))
    visit = billing.visit(TODAY)
    billing.ask(wire.BillVisit(visit_id=visit.visit_id, invoice_id=draft.invoice_id, line=1))
    billing.imports(row("A-1", 100, issued_on=tomorrow, due_on=tomorrow, lines=[line(100)]))
    sent = billing.ask(wire.SendInvoice(invoice_id=draft.invoice_id))
    assert [(each.line, each.visit_id) for each in billing.get(sent).visits] == [(None, visit.visit_id)]
