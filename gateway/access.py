"""Log in, log out, Sign Up, Forgot Password and Set password: everything before and after a session."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from contracts import codes
from contracts.identity import InspectLink, LinkPurpose, LogIn, LogOut, RequestLink, SetPassword, SwitchAccount
from contracts.wire import Refused
from gateway.composition import ask, confirmed_visitor
from gateway.forms import AddressForm, LogInForm, PasswordForm
from gateway.local_paths import local_path
from gateway.log import log
from gateway.rpc import COMMAND_TIMEOUT_S, READ_TIMEOUT_S, UNANSWERED
from gateway.visitor import NotSignedIn, act_for, forget, remember, visitor

pages = Blueprint("access", __name__)

_LONGEST_AGENT = 300
_SENT_TO = "sent_to"
_LOG_IN_AS = "log_in_as"


@pages.get("/login")
def login() -> str:
    """The log-in form; `next` is the page that was asked for."""
    form = LogInForm(email=session.pop(_LOG_IN_AS, None))
    return render_template("access/login.html", form=form, next=local_path(request.args.get("next")))


@pages.post("/login")
def log_in() -> ResponseReturnValue:
    """Open a session and go on to the page that was asked for."""
    form, target = LogInForm(), local_path(request.form.get("next"))
    if not form.validate():
        return render_template("access/login.html", form=form, next=target), 422
    command = LogIn(
        email=form.email.data or "",
        password=form.password.data or "",
        ip_address=request.remote_addr or "",
        user_agent=request.user_agent.string[:_LONGEST_AGENT],
    )
    try:
        opened = ask(command, COMMAND_TIMEOUT_S)
    except Refused as refused:
        if refused.code not in (codes.WRONG_CREDENTIALS, codes.INVALID):
            raise
        problem = "That e-mail address and password don't match. Check both, or use Forgot Password."
        return render_template("access/login.html", form=form, next=target, problem=problem), 401
    remember(opened)
    return redirect(target or url_for("dashboard.show"), 303)


@pages.post("/logout")
def logout() -> Response:
    """End the session here and on the server."""
    try:
        ask(LogOut(session_token=visitor().session_token), COMMAND_TIMEOUT_S)
        notice = "You are logged out."
    except NotSignedIn:
        notice = "You are logged out."
    except Refused as refused:
        log.error("log_out_incomplete", code=refused.code, reason=refused.message)
        notice = "You are logged out on this device. Close the browser if others use it."
    forget()
    flash(notice)
    return redirect(url_for("access.login"), 303)


@pages.post("/account")
def switch_account() -> Response:
    """Put another account of the same log-in in view."""
    chosen = request.form.get("customer_id", "")
    who = confirmed_visitor()
    view = ask(SwitchAccount(session_token=who.session_token, customer_id=chosen), READ_TIMEOUT_S)
    act_for(view.customer_id)
    return redirect(url_for("dashboard.show"), 303)


@pages.route("/sign-up", methods=["GET", "POST"])
def sign_up() -> ResponseReturnValue:
    """Step one of the seed's sign-up: the e-mail address that the business has."""
    return _ask_for_link("sign_up", "access/sign_up.html")


@pages.route("/forgot-password", methods=["GET", "POST"])
def forgot_password() -> ResponseReturnValue:
    """The same mechanism for those who have a password already."""
    return _ask_for_link("reset", "access/forgot_password.html")


@pages.get("/link-sent")
def link_sent() -> str:
    """The same page for any address, on file or not."""
    return render_template("access/link_sent.html", address=session.pop(_SENT_TO, None))


@pages.get("/set-password/<token>")
def set_password(token: str) -> ResponseReturnValue:
    """The page behind a one-time link. Opening it changes nothing: mail scanners open links too."""
    return _password_page(token, PasswordForm())


@pages.post("/set-password/<token>")
def submit_password(token: str) -> ResponseReturnValue:
    """Use the link up and set the password."""
    form = PasswordForm()
    if not form.validate():
        return _password_page(token, form, status=422)
    try:
        link = ask(InspectLink(token=token), READ_TIMEOUT_S)
        ask(SetPassword(token=token, password=form.password.data or ""), COMMAND_TIMEOUT_S)
    except Refused as refused:
        if refused.code == codes.PASSWORD_TOO_WEAK:
            form.refuse("password", refused.message)
            return _password_page(token, form, status=422)
        if refused.code in (codes.LINK_NOT_VALID, codes.INVALID):
            return _link_not_valid()
        raise
    forget()
    log_in_next_as(link.email)
    flash("Your password is set. Log in with it now.")
    return redirect(url_for("access.login"), 303)


def log_in_next_as(email: str) -> None:
    """Have the log-in page filled in with an address."""
    session[_LOG_IN_AS] = email


def _ask_for_link(purpose: LinkPurpose, template: str) -> ResponseReturnValue:
    form = AddressForm()
    if request.method == "GET":
        return render_template(template, form=form)
    if not form.validate():
        return render_template(template, form=form), 422
    address = form.email.data or ""
    ask(RequestLink(email=address, purpose=purpose, ip_address=request.remote_addr or ""), COMMAND_TIMEOUT_S)
    session[_SENT_TO] = address
    return redirect(url_for("access.link_sent"), 303)


def _password_page(token: str, form: PasswordForm, *, status: int = 200) -> ResponseReturnValue:
    try:
        link = ask(InspectLink(token=token), READ_TIMEOUT_S)
    except Refused as refused:
        if refused.code in UNANSWERED | {codes.THROTTLED}:
            raise
        return _link_not_valid()
    return render_template("access/set_password.html", form=form, link=link), status


def _link_not_valid() -> ResponseReturnValue:
    return render_template("access/link_not_valid.html"), 410
