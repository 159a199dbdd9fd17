"""The page behind the link of a new e-mail address. Opening it changes nothing: mail scanners open links too."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from contracts import codes
from contracts.identity import ConfirmEmailChange, InspectEmailChange
from contracts.wire import Refused
from gateway import access
from gateway.composition import ask
from gateway.rpc import COMMAND_TIMEOUT_S, READ_TIMEOUT_S
from gateway.visitor import forget

pages = Blueprint("email_change", __name__)


@pages.get("/confirm-email/<token>")
def show(token: str) -> ResponseReturnValue:
    """Which address it is, and the button that puts it on file."""
    try:
        change = ask(InspectEmailChange(token=token), READ_TIMEOUT_S)
    except Refused as refused:
        return _not_valid(refused)
    return render_template("profile/confirm_email.html", change=change)


@pages.post("/confirm-email/<token>")
def confirm(token: str) -> ResponseReturnValue:
    """Use the link up. Every session is over with it, so the way on is the log-in."""
    try:
        change = ask(ConfirmEmailChange(token=token), COMMAND_TIMEOUT_S)
    except Refused as refused:
        return _not_valid(refused)
    forget()
    access.log_in_next_as(change.new_email)
    flash("Your e-mail address is changed. Log in with it now; your password is the same.")
    return redirect(url_for("access.login"), 303)


def _not_valid(refused: Refused) -> ResponseReturnValue:
    if refused.code not in (codes.LINK_NOT_VALID, codes.INVALID):
        raise refused
    return render_template("profile/email_link_not_valid.html"), 410
