"""Visits as iCalendar (RFC 5545): one to add to a calendar, all of them for a subscription.

Times leave in UTC, which is right in every program and over every change of clocks; a visit without a window is a whole
day, which has no time zone. The library folds lines, ends them with CRLF and escapes what people typed.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from contracts.billing import VisitView
from gateway.settings import GatewaySettings

CONTENT_TYPE = "text/calendar; charset=utf-8"

READ_AGAIN_AFTER = timedelta(hours=4)
"""How often a subscribed program is asked to look; most have a rhythm of their own."""


class VisitCalendars:
    """Writes one business's visits, each with a link to its page."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._business = settings.business_name
        self._zone = ZoneInfo(settings.time_zone)
        self._portal_url = settings.portal_url.rstrip("/")
        self._host = urlsplit(settings.portal_url).hostname or "portal"

    def one(self, visit: VisitView) -> bytes:
        """A visit by itself, to be added to a calendar."""
        return self._written(self._calendar(), [visit])

    def all(self, visits: Iterable[VisitView]) -> bytes:
        """A customer's visits, for a program that comes back for them."""
        calendar = self._calendar()
        calendar.add("name", self._business)
        calendar.add("x-wr-calname", self._business)
        calendar.add("refresh-interval", READ_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT4H")
        return self._written(calendar, visits)

    def _calendar(self) -> Calendar:
        calendar = Calendar()
        calendar.add("prodid", "-//Porchlight//Customer portal//EN")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        return calendar

    def _written(self, calendar: Calendar, visits: Iterable[VisitView]) -> bytes:
        for visit in visits:
            calendar.add_component(self._event(visit))
        return bytes(calendar.to_ical())

    def _event(self, visit: VisitView) -> Event:
        terms, event = visit.terms, Event()
        # The same for ever: a program that has the visit already replaces it, by the higher sequence.
        event.add("uid", f"{visit.visit_id}@{self._host}")
        event.add("sequence", visit.version)
        event.add("dtstamp", visit.changed_at.astimezone(UTC))
        event.add("last-modified", visit.changed_at.astimezone(UTC))
        event.add("summary", f"{terms.service} · {self._business}")
        self._add_times(event, visit)
        if terms.address:
            event.add("location", terms.address)
        page = f"{self._portal_url}/services/{visit.visit_id}"
        event.add("description", f"{terms.crew_note}\n\n{page}" if terms.crew_note else page)
        event.add("url", page)
        event.add("status", self._status(visit))
        # Somebody comes; nobody has to be there.
        event.add("transp", "TRANSPARENT")
        return event

    def _add_times(self, event: Event, visit: VisitView) -> None:
        terms = visit.terms
        if terms.arrives_from is None or terms.arrives_until is None:
            event.add("dtstart", terms.scheduled_on)
            event.add("dtend", terms.scheduled_on + timedelta(days=1))
            return
        start, end = self._instant(visit, terms.arrives_from), self._instant(visit, terms.arrives_until)
        event.add("dtstart", start)
        # A window in the hour that an autumn night has twice, or a spring night not at all, never runs backwards.
        event.add("dtend", max(start, end))

    def _instant(self, visit: VisitView, at: time) -> datetime:
        return datetime.combine(visit.terms.scheduled_on, at, tzinfo=self._zone).astimezone(UTC)

    def _status(self, visit: VisitView) -> Literal["CONFIRMED", "CANCELLED"]:
        return "CANCELLED" if visit.state == "cancelled" else "CONFIRMED"
