"""The page behind the unsubscribe link of an e-mail: signed out, one button. Opening it changes nothing.

A mail program's own button posts to the same address without a cookie or a form's token (RFC 8058): the link's signed
token is what allows it, and all that it allows.
"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contracts import codes
from contracts.notify import InspectUnsubscribing, Unsubscribe, Unsubscribing
from contracts.wire import Command, Refused
from gateway.composition import ask
from gateway.notification_words import KINDS
from gateway.rpc import COMMAND_TIMEOUT_S

pages = Blueprint("unsubscribe", __name__)


@pages.get("/unsubscribe/<token>")
def show(token: str) -> ResponseReturnValue:
    """What the button would switch off."""
    return _answered(InspectUnsubscribing(token=token))


@pages.post("/unsubscribe/<token>")
def switch_off(token: str) -> ResponseReturnValue:
    """Switch it off. Answered at once: mail programs follow no redirect."""
    return _answered(Unsubscribe(token=token))


def _answered(command: Command[Unsubscribing]) -> ResponseReturnValue:
    try:
        found = ask(command, COMMAND_TIMEOUT_S)
    except Refused as refused:
        if refused.code not in (codes.LINK_NOT_VALID, codes.INVALID):
            raise
        return render_template("notifications/link_not_valid.html"), 410
    return render_template("notifications/unsubscribe.html", found=found, about=KINDS[found.kind])
