"""Notifications: texts turned on and off, how consent to them came about, and which e-mails a customer wants."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from contracts import codes
from contracts.notify import (
    ChooseNotifications,
    GetNotifications,
    NotificationsView,
    ReminderWay,
    TurnTextsOff,
    TurnTextsOn,
)
from contracts.wire import Refused
from gateway.composition import ask, confirmed_for_form, read_page
from gateway.devices import device_name
from gateway.notification_words import ALWAYS, EMAILS, SOURCES, WAYS
from gateway.rpc import COMMAND_TIMEOUT_S
from gateway.visitor import visitor

pages = Blueprint("notifications", __name__, url_prefix="/notifications")

_LONGEST_AGENT = 300
_LONGEST_FIELD = 64
_SHOWN_HERE = {codes.INVALID, codes.CONFLICT, codes.WRONG_STATE}


@pages.get("")
def show() -> ResponseReturnValue:
    """Everything, in one call beside the session check."""
    return _page()


@pages.post("/texts/on")
def turn_texts_on() -> ResponseReturnValue:
    """The customer agrees, or is told what is missing."""
    who = confirmed_for_form()
    command = TurnTextsOn(
        customer_id=who.customer_id,
        number=request.form.get("number", "")[:_LONGEST_FIELD],
        consent_version=request.form.get("consent_version", "")[:_LONGEST_FIELD],
        agreed=request.form.get("agreed") == "yes",
        ip_address=request.remote_addr or "",
        user_agent=request.user_agent.string[:_LONGEST_AGENT],
    )
    try:
        seen: NotificationsView = ask(command, COMMAND_TIMEOUT_S)
    except Refused as refused:
        if refused.code not in _SHOWN_HERE:
            raise
        at_box = refused.details.get("field") == "agreed"
        return _page(**({"agreed_problem": refused.message} if at_box else {"problem": refused.message}), status=422)
    waits = " Your confirmation comes in the morning." if seen.quiet_until else " We have sent you a confirmation."
    flash("Texts are on." + waits)
    return redirect(url_for("notifications.show"), 303)


@pages.post("/texts/off")
def turn_texts_off() -> ResponseReturnValue:
    """The customer wants no more texts."""
    who = confirmed_for_form()
    ask(
        TurnTextsOff(
            customer_id=who.customer_id,
            ip_address=request.remote_addr or "",
            user_agent=request.user_agent.string[:_LONGEST_AGENT],
        ),
        COMMAND_TIMEOUT_S,
    )
    flash("Texts are off. You will get no more.")
    return redirect(url_for("notifications.show"), 303)


@pages.post("/choices")
def choose() -> ResponseReturnValue:
    """Which e-mails, and how reminders come. What the page did not offer is not taken."""
    who = confirmed_for_form()
    way = request.form.get("visit_reminder", "")
    if way not in WAYS:
        return _page(problem="Choose how reminders of visits come.", status=422)
    chosen: ReminderWay = way
    wanted = request.form.getlist("emails")
    command = ChooseNotifications(
        customer_id=who.customer_id, emails=[kind for kind in EMAILS if kind in wanted], visit_reminder=chosen
    )
    ask(command, COMMAND_TIMEOUT_S)
    flash("Your choices are saved.")
    return redirect(url_for("notifications.show"), 303)


def _page(*, status: int = 200, **said: Any) -> ResponseReturnValue:
    panels = read_page(notifications=GetNotifications(customer_id=visitor().customer_id))
    view: NotificationsView = panels.need("notifications")
    way = view.choices.visit_reminder or ("both" if view.switch == "on" else "email")
    if "visit_reminder" not in view.choices.emails and way != "text":
        # Switched off by the link at the foot of one.
        way = "none"
    return (
        render_template(
            "notifications/notifications.html",
            view=view,
            way=way,
            ways={key: words for key, words in WAYS.items() if view.switch != "not_offered" or "text" not in key},
            emails=EMAILS,
            always=ALWAYS,
            sources=SOURCES,
            device_name=device_name,
            **said,
        ),
        status,
    )
