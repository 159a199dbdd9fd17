"""The calendar subscription: the page about it, and what calendar programs read without logging in."""

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from contracts import codes
from contracts.billing import EndVisitFeed, GetVisitFeed, ReadVisitFeed, RenewVisitFeed
from contracts.wire import Refused
from gateway import services
from gateway.calendars import CONTENT_TYPE
from gateway.composition import ask, confirmed_for_form, read_page
from gateway.rpc import COMMAND_TIMEOUT_S, READ_TIMEOUT_S
from gateway.visitor import visitor

pages = Blueprint("calendar_feed", __name__)

LONGEST_TOKEN = 100

_FRESH_S = 900
"""How long a program may show what it has without asking."""


@services.pages.get("/services/calendar")
def show_calendar() -> str:
    """What the subscription is, its address, and how to end it."""
    feed = read_page(feed=GetVisitFeed(customer_id=visitor().customer_id)).need("feed")
    address = _address(feed.token) if feed.token else ""
    return render_template(
        "services/calendar.html",
        feed=feed,
        address=address,
        # By this scheme a phone hands the address to its calendar instead of downloading it.
        webcal=f"webcal:{address.partition(':')[2]}",
    )


@services.pages.post("/services/calendar/renew")
def renew_calendar() -> AnyResponse:
    """Make an address, in place of the one that the page showed."""
    former = request.form.get("former", "")[:LONGEST_TOKEN] or None
    who = confirmed_for_form()
    ask(RenewVisitFeed(customer_id=who.customer_id, former=former), COMMAND_TIMEOUT_S)
    if former:
        flash("There is a new address. Calendars that know the former one get nothing any more.")
    return redirect(url_for("services.show_calendar"), 303)


@services.pages.post("/services/calendar/end")
def end_calendar() -> AnyResponse:
    """Turn the subscription off."""
    who = confirmed_for_form()
    ask(EndVisitFeed(customer_id=who.customer_id), COMMAND_TIMEOUT_S)
    flash("The calendar subscription is off.")
    return redirect(url_for("services.show_calendar"), 303)


@pages.get("/calendar/<token>.ics")
def read(token: str) -> AnyResponse:
    """The visits behind a secret address. Whoever has it is let in; a wrong one is a page that does not exist."""
    if len(token) > LONGEST_TOKEN:
        abort(404)
    try:
        feed = ask(ReadVisitFeed(token=token), READ_TIMEOUT_S)
    except Refused as refused:
        if refused.code == codes.INVALID:
            abort(404)
        raise
    response = Response(services.calendars().all(feed.visits), content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = f"private, max-age={_FRESH_S}"
    response.add_etag()
    return response.make_conditional(request)


def _address(token: str) -> str:
    # From the settings, never from the Host header.
    portal_url: str = current_app.extensions["porchlight.settings"].portal_url
    return portal_url.rstrip("/") + url_for("calendar_feed.read", token=token)
