"""The Services tab, a visit for a calendar, and the subscription."""

import pytest
from icalendar import Calendar

from contracts import codes
from contracts.billing import (
    EndVisitFeed,
    GetVisit,
    GetVisitFeed,
    ListVisits,
    ReadVisitFeed,
    RenewVisitFeed,
    VisitFeedView,
)
from contracts.identity import CheckSession
from contracts.wire import Refused
from tests.support import gateway as views
from tests.support.gateway_visits import FEED_TOKEN, a_billed_visit, a_feed, a_visit, a_visit_page

FEED = f"/calendar/{FEED_TOKEN}.ics"


@pytest.fixture(autouse=True)
def visits(backend):
    backend.answers(ListVisits, a_visit_page(a_visit()))
    backend.answers(GetVisit, a_visit())
    backend.answers(GetVisitFeed, VisitFeedView(token=FEED_TOKEN, made_at=views.NOW))
    backend.answers(ReadVisitFeed, a_feed(a_visit(), a_billed_visit()))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/services", {CheckSession, ListVisits}),
        ("/services?show=past", {CheckSession, ListVisits}),
        ("/services/visit-1", {CheckSession, GetVisit}),
        ("/services/visit-1/visit.ics", {CheckSession, GetVisit}),
        ("/services/calendar", {CheckSession, GetVisitFeed}),
    ],
)
def test_each_page_is_one_round_of_calls(ana, backend, address, expected):
    before = len(backend.gathers)
    assert ana.get(address).status_code == 200
    assert [{type(command) for command in gather.values()} for gather in backend.gathers[before:]] == [expected]
    assert backend.calls == []


def test_the_list_shows_date_window_service_address_and_note(ana):
    page = ana.get("/services").text
    for expected in ("Wed, Jul 8, 2026", "8:00", "10:00", "Mowing and edging", "14 Elm St", "side gate", "Scheduled"):
        assert expected in page
    assert 'href="/services/visit-1/visit.ics"' in page


def test_a_past_visit_leads_to_the_invoice_that_it_became(ana, backend):
    backend.answers(ListVisits, a_visit_page(a_billed_visit()))
    page = ana.get("/services?show=past").text
    assert backend.asked(ListVisits)[-1].period == "past"
    assert 'href="/invoices/invoice-1042"' in page
    assert "Done" in page


def test_a_visit_without_a_window_comes_any_time_that_day(ana, backend):
    backend.answers(GetVisit, a_visit(arrives_from=None, arrives_until=None, address="", crew_note=""))
    page = ana.get("/services/visit-1").text
    assert "Any time that day" in page
    assert "From the crew" not in page


@pytest.mark.parametrize("shown", ["upcoming", "past"])
def test_an_empty_list_says_what_would_be_there(ana, backend, shown):
    backend.answers(ListVisits, a_visit_page())
    assert 'class="empty"' in ana.get(f"/services?show={shown}").text


def test_the_list_goes_on_at_the_cursor(ana, backend):
    backend.answers(ListVisits, a_visit_page(a_visit(), next_cursor="c-1"))
    assert 'href="/services?after=c-1"' in ana.get("/services").text
    assert 'href="/services?after=c-1&amp;show=past"' in ana.get("/services?show=past").text
    ana.get("/services?after=c-1")
    assert backend.asked(ListVisits)[-1].cursor == "c-1"


@pytest.mark.parametrize("address", ["/services?show=cancelled", "/services?show=", f"/services?after={'x' * 600}"])
def test_an_address_that_nobody_links_to_is_404(ana, address):
    assert ana.get(address).status_code == 404


@pytest.mark.parametrize("code", [codes.NOT_FOUND, codes.INVALID])
@pytest.mark.parametrize("address", ["/services/visit-9", "/services/visit-9/visit.ics"])
def test_somebody_elses_visit_is_404(ana, backend, address, code):
    backend.answers(GetVisit, Refused(code, "There is no such visit."))
    assert ana.get(address).status_code == 404


@pytest.mark.parametrize(
    "address", ["/services", "/services/visit-1", "/services/visit-1/visit.ics", "/services/calendar"]
)
def test_a_stranger_is_led_to_log_in(stranger, address):
    answer = stranger.get(address)
    assert answer.status_code == 303
    assert answer.location.startswith("/login")


def test_a_visit_is_downloaded_as_a_calendar_file(ana):
    answer = ana.get("/services/visit-1/visit.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=visit-2026-07-08.ics"
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(Calendar.from_ical(answer.data).walk("VEVENT")) == 1


def test_the_subscription_is_read_without_logging_in(stranger, backend):
    answer = stranger.get(FEED)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert len(Calendar.from_ical(answer.data).walk("VEVENT")) == 2
    assert backend.asked(ReadVisitFeed)[0].token == FEED_TOKEN
    assert backend.asked(CheckSession) == []
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, max-age=900"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert b"ana@example.test" not in answer.data


def test_a_program_that_has_it_already_is_sent_nothing(stranger):
    first = stranger.get(FEED)
    again = stranger.get(FEED, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("code", [codes.NOT_FOUND, codes.INVALID])
def test_a_wrong_address_is_a_page_that_does_not_exist(stranger, backend, code):
    backend.answers(ReadVisitFeed, Refused(code, "There is no such calendar."))
    assert stranger.get("/calendar/guessed.ics").status_code == 404


def test_an_absurd_address_is_not_even_asked_about(stranger, backend):
    assert stranger.get(f"/calendar/{'x' * 101}.ics").status_code == 404
    assert backend.asked(ReadVisitFeed) == []


def test_a_calendar_that_comes_too_often_is_told_when_to_come_again(stranger, backend):
    backend.answers(ReadVisitFeed, Refused(codes.THROTTLED, "Too often.", retry_after_s=90))
    answer = stranger.get(FEED)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "90")


def test_a_service_that_is_away_is_no_missing_calendar(stranger, backend):
    backend.take_away("billing")
    # A 404 would make programs drop the subscription.
    assert stranger.get(FEED).status_code == 503


def test_the_page_shows_the_address_from_the_settings_and_how_to_end_it(ana):
    page = ana.get("/services/calendar").text
    assert f'value="http://localhost{FEED}"' in page
    assert f'href="webcal://localhost{FEED}"' in page
    assert "Turn off the subscription" in page


def test_a_subscription_that_is_off_is_explained_and_turned_on(ana, backend):
    backend.answers(GetVisitFeed, VisitFeedView(token=None))
    backend.answers(RenewVisitFeed, VisitFeedView(token=FEED_TOKEN, made_at=views.NOW))
    answer = ana.submit("/services/calendar/renew", page="/services/calendar")
    assert (answer.status_code, answer.location) == (303, "/services/calendar")
    (command,) = backend.asked(RenewVisitFeed)
    assert (command.customer_id, command.former) == (views.ANA, None)


def test_a_new_address_replaces_the_one_that_was_shown(ana, backend):
    backend.answers(RenewVisitFeed, VisitFeedView(token="another", made_at=views.NOW))
    ana.submit("/services/calendar/renew", page="/services/calendar", former=FEED_TOKEN)
    assert backend.asked(RenewVisitFeed)[0].former == FEED_TOKEN


def test_the_subscription_is_ended(ana, backend):
    backend.answers(EndVisitFeed, VisitFeedView(token=None))
    assert ana.submit("/services/calendar/end", page="/services/calendar").status_code == 303
    assert backend.asked(EndVisitFeed)[0].customer_id == views.ANA


@pytest.mark.parametrize("address", ["/services/calendar/renew", "/services/calendar/end"])
def test_nothing_is_changed_without_the_forms_token(ana, backend, address):
    assert ana.post(address).status_code == 400
    assert backend.asked(RenewVisitFeed) == backend.asked(EndVisitFeed) == []
