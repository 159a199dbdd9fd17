"""Services on the whole portal: upcoming and past visits, the calendar's file and subscription, and the reminder."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import requests
from icalendar import Calendar, Component
from playwright.sync_api import expect

from chassis.ids import new_id
from contracts.billing import ImportVisits, ScheduleVisit, VisitRow, VisitTerms
from tests.support.embedded_portal import Customer, EmbeddedPortal

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["", "without-scripts"])
ADDRESS = "14 Elm St, Maple Falls, NY 13902"
NOTE = "Watered the new beds. The gate is latched."
TIMEOUT_S = 30


def plan(portal: EmbeddedPortal, customer: Customer, *, in_days: int, **terms: Any) -> str:
    """The business plans a visit between eight and ten. Returns its id."""
    day = portal.today() + timedelta(days=in_days)
    values = {"service": "Mowing and edging", "arrives_from": time(8), "arrives_until": time(10), **terms}
    planned = VisitTerms(scheduled_on=day, address=ADDRESS, **values)
    view = portal.call(ScheduleVisit(key=new_id(), customer_id=customer.customer_id, terms=planned))
    portal.settle()
    return view.visit_id


def bill_a_past_one(portal: EmbeddedPortal, customer: Customer) -> str:
    """The business was there a week ago, and has sent the invoice. Returns its number."""
    number = portal.sent_invoice(customer, 8450)
    day = portal.today() - timedelta(days=7)
    terms = VisitTerms(scheduled_on=day, service="Weeding", address=ADDRESS, crew_note=NOTE)
    row = VisitRow(row=1, customer_id=customer.customer_id, reference=new_id(), terms=terms, invoice_number=number)
    assert [each.status for each in portal.call(ImportVisits(rows=[row]))] == ["created"]
    portal.settle()
    return number


def events(calendar: bytes) -> list[Component]:
    return Calendar.from_ical(calendar).walk("VEVENT")


@pytest.fixture
def moved_clock(whole_portal: EmbeddedPortal) -> Iterator[Callable[[datetime], None]]:
    """Puts the business's clock somewhere, and back at the end."""
    yield lambda at: whole_portal.set_clock("offset", at)
    whole_portal.set_clock("real")


@SCRIPTS
def test_view_your_upcoming_or_past_services(visit_portal, whole_portal, scripts):
    ana = whole_portal.customer()
    plan(whole_portal, ana, in_days=5)
    number = bill_a_past_one(whole_portal, ana)
    visitor = visit_portal(ana, java_script_enabled=scripts)
    page = visitor.page
    expect(page.get_by_role("region", name="Next visit")).to_contain_text("Mowing and edging")
    visitor.go_to_tab("Services")
    coming = page.get_by_role("row").filter(has_text="Mowing and edging")
    for words in ("Scheduled", "8:00", "10:00", ADDRESS):
        expect(coming).to_contain_text(words)
    expect(page.get_by_text("Weeding")).to_have_count(0)
    if scripts:
        visitor.expect_no_faults()
    page.get_by_role("link", name="Past", exact=True).click()
    expect(page.get_by_text("Mowing and edging")).to_have_count(0)
    past = page.get_by_role("row").filter(has_text="Weeding")
    for words in ("Done", "Any time that day", NOTE, f"Invoice {number}"):
        expect(past).to_contain_text(words)
    if scripts:
        visitor.expect_no_faults()
    past.get_by_role("link", name="Weeding").click()
    expect(page.get_by_role("heading", name="Weeding", exact=True)).to_be_visible()
    expect(page.get_by_text(NOTE, exact=True)).to_be_visible()
    if scripts:
        visitor.expect_no_faults()
    page.get_by_role("link", name=f"Invoice {number}").click()
    expect(page.get_by_role("heading", name=f"Invoice {number}")).to_be_visible()
    page.get_by_role("link", name="Visit on").click()
    expect(page.get_by_role("heading", name="Weeding", exact=True)).to_be_visible()


@SCRIPTS
def test_a_visit_is_added_to_a_calendar(visit_portal, whole_portal, scripts):
    ana = whole_portal.customer()
    plan(whole_portal, ana, in_days=5, crew_note="Please leave the side gate unlocked.")
    visitor = visit_portal(ana, java_script_enabled=scripts)
    visitor.go_to_tab("Services").get_by_role("link", name="Mowing and edging", exact=True).click()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Add to calendar").click()
    day = whole_portal.today() + timedelta(days=5)
    assert download.value.suggested_filename == f"visit-{day}.ics"
    (event,) = events(download.value.path().read_bytes())
    zone = whole_portal.services.time_zone
    for name, hour in (("dtstart", 8), ("dtend", 10)):
        assert event.decoded(name) == datetime.combine(day, time(hour), tzinfo=zone)
    assert str(event["summary"]).startswith("Mowing and edging")
    assert str(event["location"]) == ADDRESS
    assert "side gate" in str(event["description"])


@SCRIPTS
def test_a_calendar_is_subscribed_to_given_another_address_and_ended(visit_portal, whole_portal, scripts):
    ana, neighbour = whole_portal.customer(), whole_portal.on_file()
    plan(whole_portal, ana, in_days=5)
    plan(whole_portal, neighbour, in_days=5, service="Somebody else's hedge")
    bill_a_past_one(whole_portal, ana)
    visitor = visit_portal(ana, java_script_enabled=scripts)
    page = visitor.go_to_tab("Services")
    page.get_by_role("link", name="Subscribe in your calendar").click()
    if scripts:
        visitor.expect_no_faults()
    page.get_by_role("button", name="Make my private address").click()
    address = page.get_by_label("Your private address").input_value()
    webcal = page.get_by_role("link", name="Open in your calendar program").get_attribute("href")
    assert webcal == f"webcal:{address.partition(':')[2]}"
    expect(page.get_by_text("No calendar has read it yet.")).to_be_visible()
    if scripts:
        visitor.expect_no_faults()

    # A program of its own, which has not logged in.
    answer = requests.get(address, timeout=TIMEOUT_S)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert sorted(str(each["summary"]).partition(" · ")[0] for each in events(answer.content)) == [
        "Mowing and edging",
        "Weeding",
    ]
    assert ana.email not in answer.text
    assert "84.50" not in answer.text
    page.reload()
    expect(page.get_by_text("Last read by a calendar")).to_be_visible()

    page.get_by_role("button", name="Make a new address").click()
    expect(page.get_by_text("There is a new address.")).to_be_visible()
    renewed = page.get_by_label("Your private address").input_value()
    assert renewed != address
    assert requests.get(address, timeout=TIMEOUT_S).status_code == 404
    assert len(events(requests.get(renewed, timeout=TIMEOUT_S).content)) == 2

    page.get_by_role("button", name="Turn off the subscription").click()
    expect(page.get_by_text("The calendar subscription is off.")).to_be_visible()
    assert requests.get(renewed, timeout=TIMEOUT_S).status_code == 404


def test_the_day_before_a_visit_its_reminder_arrives(visit_portal, whole_portal, moved_clock):
    ana = whole_portal.customer()
    plan(whole_portal, ana, in_days=3)
    eve = datetime.combine(whole_portal.today() + timedelta(days=2), time(9, 50), whole_portal.services.time_zone)
    moved_clock(eve)
    whole_portal.settle()
    assert not [each for each in whole_portal.mailbox.all_to(ana.email) if "Reminder" in each["subject"]]
    moved_clock(eve + timedelta(minutes=20))
    message = whole_portal.mailbox.wait_for(ana.email, "Reminder: Mowing and edging")
    assert ADDRESS in message["text"]
    visitor = visit_portal(ana)
    (link,) = {each for each in message["links"] if "/services/" in each}
    visitor.open(link.removeprefix(whole_portal.url))
    expect(visitor.page.get_by_role("heading", name="Mowing and edging", exact=True)).to_be_visible()


def test_somebody_elses_visit_is_404_on_every_route(visit_portal, whole_portal):
    theirs = plan(whole_portal, whole_portal.on_file(), in_days=5)
    visitor = visit_portal(whole_portal.customer())
    for visit_id in (theirs, new_id(), "%00", "..%2f"):
        for path in (f"/services/{visit_id}", f"/services/{visit_id}/visit.ics"):
            assert visitor.page.request.get(whole_portal.url + path).status == 404, path
    expect(visitor.go_to_tab("Services").get_by_text("No upcoming services")).to_be_visible()
