"""Every error as a page that says what happened and what to do next; the cause goes to the log."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from chassis import correlation
from contracts import codes
from contracts.wire import Refused
from gateway import way_back
from gateway.composition import IdentityAway, OtherAccount, ServiceAway, recognize
from gateway.formats import waiting_words
from gateway.log import log
from gateway.papers.printing import PaperUnavailable
from gateway.security import WrongHost
from gateway.visitor import NotSignedIn, forget, visitor


@dataclass(frozen=True)
class ErrorText:
    """What an error page says: the heading, what happened, and the next step."""

    title: str
    happened: str
    next_step: str


_NOTHING_DONE = "Nothing was changed and nothing was charged."
_STILL_OPEN = "Whether your payment went through could not be checked: your account history shows it once it has."
"""In place of `_NOTHING_DONE` where there is a payment: what this request did not do, one before it may have done."""

TEXTS = {
    400: ErrorText("That did not arrive as we expected", _NOTHING_DONE, "Go back, reload the page and try once more."),
    403: ErrorText("This is not open to you", _NOTHING_DONE, "Go to your dashboard, or contact us if you need it."),
    404: ErrorText(
        "There is no such page",
        "The address may be mistyped, or what it showed is no longer there.",
        "Your dashboard leads to your invoices and your account history.",
    ),
    405: ErrorText("This address cannot be opened like that", _NOTHING_DONE, "Go to your dashboard and start there."),
    413: ErrorText("That was too much at once", "The form was larger than we take. " + _NOTHING_DONE, "Send less."),
    422: ErrorText(
        "Something in the form is not right", _NOTHING_DONE, "Go back, check what you entered and try again."
    ),
    429: ErrorText(
        "Too many tries",
        "To keep accounts safe we pause after several tries in a short time.",
        "Wait {wait}, then try again.",
    ),
    500: ErrorText(
        "Something went wrong on our side",
        "We have noted it and will look into it.",
        "Try again in a minute. If it keeps happening, contact us with the reference below.",
    ),
    503: ErrorText(
        "We cannot show this right now",
        "A part of the portal is not answering. Your account is safe.",
        "Try again in a minute.",
    ),
}

_UNFINISHED = ErrorText(
    # A command that timed out may have been carried out: this page claims neither.
    "We could not finish this right now",
    "A part of the portal did not answer in time.",
    "Go back and try again in a minute.",
)

_PAY = "/pay"
_OF_A_PAYMENT = ("/pay/", "/receipts/")

STATUS_OF = {
    codes.INVALID: 400,
    codes.NOT_FOUND: 404,
    codes.CONFLICT: 400,
    codes.WRONG_STATE: 400,
    codes.THROTTLED: 429,
    codes.UNAVAILABLE: 503,
    codes.EXPIRED: 503,
    codes.INTERNAL: 503,
}
"""The page that a refusal ends on where the view had nothing better to say."""

_LONGEST_WAIT_S = 86_400


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_error_handler(NotSignedIn, _to_login)
    app.register_error_handler(IdentityAway, _identity_away)
    app.register_error_handler(OtherAccount, _other_account)
    app.register_error_handler(ServiceAway, lambda _: page(503))
    app.register_error_handler(PaperUnavailable, lambda _: page(503))
    app.register_error_handler(WrongHost, _wrong_host)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def page(status: int, text: ErrorText | None = None, **details: Any) -> tuple[str, int]:
    """The page for a status."""
    text = text or TEXTS.get(status) or TEXTS[500 if status >= 500 else 400]
    # A form that was too large is not read a second time.
    if status != 413 and _is_about_a_payment():
        text = replace(text, happened=text.happened.replace(_NOTHING_DONE, _STILL_OPEN))
    reference = correlation.current() if status >= 500 else ""
    facts = {"status": status, "text": text, "reference": reference, "signed_in": _claims_session()}
    return render_template("errors/error.html", **facts, **details), status


def _claims_session() -> bool:
    try:
        return bool(visitor())
    except NotSignedIn:
        return False


def _is_about_a_payment() -> bool:
    # By the path: an address that cannot be opened like that (405) has no endpoint.
    return request.path.startswith(_OF_A_PAYMENT) or (request.path == _PAY and bool(request.form.get("again")))


def _to_login(_: NotSignedIn) -> ResponseReturnValue:
    forget()
    target = way_back.way_back()
    return redirect(url_for("access.login", next=None if target == "/" else target), 303)


def _identity_away(_: IdentityAway) -> ResponseReturnValue:
    may_act = request.method == "POST" or _is_about_a_payment()
    done = _STILL_OPEN if request.path == _PAY else _NOTHING_DONE
    text = ErrorText(
        "We cannot check who you are right now",
        # Whoever only looks may have paid a moment ago.
        f"The part of the portal that keeps log-ins is not answering. {done if may_act else ''}".strip(),
        "Try again in a minute. You are still logged in.",
    )
    return page(503, text)


def _other_account(_: OtherAccount) -> ResponseReturnValue:
    text = ErrorText(
        "You switched to another account",
        "This form was made for the other one. " + _NOTHING_DONE,
        "Go back and reload the page, or switch to the other account and send it again.",
    )
    return page(409, text)


def _wrong_host(_: WrongHost) -> ResponseReturnValue:
    text = ErrorText(
        "This is not the portal's address",
        "You came here under a name that we do not know.",
        "Open the portal at the address below.",
    )
    return page(400, text, portal_url=current_app.extensions["porchlight.settings"].portal_url)


def _form_too_old(_: CSRFError) -> ResponseReturnValue:
    if not _claims_session() and way_back.is_marked():
        # The form's token went with the session's cookie.
        return _to_login(NotSignedIn())
    text = ErrorText(
        "This page was open for too long",
        "We could not tell that the form came from you. " + _NOTHING_DONE,
        "Open the page again and submit it once more. The portal needs cookies to be allowed.",
    )
    return page(400, text)


def _refused(refused: Refused) -> ResponseReturnValue:
    if refused.code == codes.WRONG_CREDENTIALS:
        return _to_login(NotSignedIn())
    status = STATUS_OF.get(refused.code, 400)
    log.warning("refused", code=refused.code, reason=refused.message)
    if status == 503 and request.method == "POST":
        return page(503, _UNFINISHED)
    if status != 429:
        return page(status)
    seconds = _wait_of(refused)
    text = TEXTS[429]
    body, _ = page(429, ErrorText(text.title, text.happened, text.next_step.format(wait=waiting_words(seconds))))
    return body, 429, {"Retry-After": str(seconds)}


def _wait_of(refused: Refused) -> int:
    seconds = refused.details.get("retry_after_s", 60)
    return min(max(int(seconds), 1), _LONGEST_WAIT_S) if isinstance(seconds, int | float) else 60


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error
    if error.code == 429:
        return _refused(Refused(codes.THROTTLED, "too many requests"))
    if error.code == 404 and request.method == "GET" and request.blueprint != "assets":
        recognize()
    return page(error.code or 500)


def _unforeseen(error: Exception) -> ResponseReturnValue:
    log.error("unforeseen", exc_info=error)
    return page(500)
