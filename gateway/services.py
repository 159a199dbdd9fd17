"""The Services tab: upcoming and past visits, one of them, and one for a calendar."""

from flask import Blueprint, Response, abort, current_app, render_template, request

from contracts.billing import GetVisit, ListVisits, VisitPeriod, VisitView
from gateway.calendars import CONTENT_TYPE, VisitCalendars
from gateway.composition import read_page
from gateway.invoice_query import cursor
from gateway.visitor import visitor

pages = Blueprint("services", __name__)

PAGE_SIZE = 25

PERIODS: dict[str, tuple[str, VisitPeriod]] = {"upcoming": ("Upcoming", "upcoming"), "past": ("Past", "past")}
"""What the address says: the tab's name and billing's period."""


@pages.get("/services")
def show_list() -> str:
    """A page of the customer's visits: upcoming ones soonest first, past ones newest first."""
    chosen = request.args.get("show", "upcoming")
    if chosen not in PERIODS:
        abort(404)
    command = ListVisits(customer_id=visitor().customer_id, period=PERIODS[chosen][1], cursor=cursor(), limit=PAGE_SIZE)
    panels = read_page(visits=command)
    return render_template(
        "services/list.html", page=panels.need("visits"), periods=PERIODS, chosen=chosen, first=cursor() is None
    )


@pages.get("/services/<visit_id>")
def show_one(visit_id: str) -> str:
    """One visit, whole. Somebody else's is not there: 404."""
    return render_template("services/visit.html", visit=_visit(visit_id))


@pages.get("/services/<visit_id>/visit.ics")
def download(visit_id: str) -> Response:
    """One visit as a file that calendars open."""
    visit = _visit(visit_id)
    response = Response(calendars().one(visit), content_type=CONTENT_TYPE)
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"visit-{visit.terms.scheduled_on.isoformat()}.ics"
    )
    return response


def calendars() -> VisitCalendars:
    """What writes visits for calendars."""
    return VisitCalendars(current_app.extensions["porchlight.settings"])


def _visit(visit_id: str) -> VisitView:
    visit: VisitView = read_page(visit=GetVisit(customer_id=visitor().customer_id, visit_id=visit_id)).need("visit")
    return visit
