"""Visits for pages under test."""

from datetime import date, time
from typing import Any

from contracts import billing, codes
from contracts.billing import VisitFeed, VisitFeedView, VisitInvoice, VisitPage, VisitTerms, VisitView
from contracts.wire import Refused
from tests.support.gateway import ANA, NOW, TODAY, RecordingBackend

FEED_TOKEN = "Q7c4-secret-of-a-calendar_0123456789abcdefgh"


def a_visit(visit_id: str = "visit-1", **changes: Any) -> VisitView:
    """Mowing next Wednesday between eight and ten, still to come."""
    terms: dict[str, Any] = {
        "scheduled_on": date(2026, 7, 8),
        "arrives_from": time(8),
        "arrives_until": time(10),
        "service": "Mowing and edging",
        "address": "14 Elm St, Springfield, IL 62704",
        "crew_note": "Please leave the side gate unlocked.",
    }
    for name in terms:
        terms[name] = changes.pop(name, terms[name])
    values: dict[str, Any] = {
        "visit_id": visit_id,
        "customer_id": ANA,
        "state": "scheduled",
        "terms": VisitTerms(**terms),
        "version": 1,
        "changed_at": NOW,
    }
    return VisitView(**(values | changes))


def a_billed_visit(visit_id: str = "visit-0", **changes: Any) -> VisitView:
    """A visit of last week that became invoice 1042."""
    values: dict[str, Any] = {
        "state": "completed",
        "scheduled_on": date(2026, 6, 24),
        "completed_at": NOW,
        "invoice": VisitInvoice(invoice_id="invoice-1042", number="1042", state="sent"),
    }
    return a_visit(visit_id, **(values | changes))


def a_visit_page(*visits: VisitView, next_cursor: str | None = None) -> VisitPage:
    return VisitPage(visits=list(visits), as_of=TODAY, next_cursor=next_cursor)


def a_feed(*visits: VisitView) -> VisitFeed:
    return VisitFeed(visits=list(visits), as_of=TODAY)


class VisitBook:
    """The visits of a business in memory, and its customer's calendar subscription."""

    def __init__(self, *, fresh: bool) -> None:
        self.upcoming = (
            [] if fresh else [a_visit(), a_visit("visit-2", state="cancelled", arrives_from=None, arrives_until=None)]
        )
        self.past = [] if fresh else [a_billed_visit()]
        self.token: str | None = None

    def register(self, backend: RecordingBackend) -> None:
        """Answer for visits."""
        backend.answers(billing.ListVisits, lambda command: a_visit_page(*getattr(self, command.period)))
        backend.answers(billing.GetVisit, self._get)
        backend.answers(billing.GetVisitFeed, lambda command: self._feed())
        backend.answers(billing.RenewVisitFeed, lambda command: self._feed(FEED_TOKEN))
        backend.answers(billing.EndVisitFeed, lambda command: self._feed(None))
        backend.answers(billing.ReadVisitFeed, lambda command: a_feed(*self.upcoming, *self.past))

    def _get(self, command: billing.GetVisit) -> VisitView:
        for visit in [*self.upcoming, *self.past]:
            if visit.visit_id == command.visit_id:
                return visit
        raise Refused(codes.NOT_FOUND, "There is no such visit.")

    def _feed(self, *token: str | None) -> VisitFeedView:
        if token:
            (self.token,) = token
        return VisitFeedView(token=self.token, made_at=NOW if self.token else None)
