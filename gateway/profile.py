"""Profile: what is on file of the customer, e-mail address, password, and where one is signed in."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from contracts import codes
from contracts.identity import (
    ChangeContact,
    ChangePassword,
    EndOtherSessions,
    EndSession,
    GetProfile,
    ProfileView,
    RequestEmailChange,
    WithdrawEmailChange,
)
from contracts.wire import Command, Refused
from gateway.composition import ask, confirmed_for_form, confirmed_visitor, read_page
from gateway.devices import device_name
from gateway.forms import refuse
from gateway.profile_forms import DetailsForm, NewAddressForm, NewPasswordForm
from gateway.rpc import COMMAND_TIMEOUT_S
from gateway.visitor import Visitor, visitor

pages = Blueprint("profile", __name__, url_prefix="/profile")

_AT_A_FIELD = {codes.INVALID, codes.WRONG_CREDENTIALS, codes.PASSWORD_TOO_WEAK}
"""Refusals that are shown at the field that they name."""

_FIELDS = {"email": "new_email"}
"""Fields that the service calls otherwise than the page."""


@pages.get("")
def show() -> ResponseReturnValue:
    """Everything, in one call beside the session check."""
    return _page()


@pages.post("/details")
def save_details() -> ResponseReturnValue:
    """Name, phone and address."""
    form = DetailsForm()
    based_on = request.form.get("based_on_version", "")

    def command(who: Visitor) -> ChangeContact:
        return ChangeContact(
            session_token=who.session_token,
            customer_id=who.customer_id,
            name=form.name.data or "",
            phone=form.phone.data or "",
            address=form.address.data or "",
            # Whatever else it says was not made by the page: no version is 0, so it is looked at again.
            based_on_version=int(based_on) if based_on.isascii() and based_on.isdigit() and len(based_on) < 10 else 0,
        )

    return _submitted(form, command, "Your details are saved.", "details")


@pages.post("/email")
def request_email_change() -> ResponseReturnValue:
    """Have a link sent to another address."""
    form = NewAddressForm()

    def command(who: Visitor) -> RequestEmailChange:
        return RequestEmailChange(
            session_token=who.session_token,
            customer_id=who.customer_id,
            password=form.password.data or "",
            new_email=form.new_email.data or "",
            ip_address=request.remote_addr or "",
        )

    done = f"We sent a link to {form.new_email.data}. Your address changes when you open it."
    return _submitted(form, command, done, "email")


@pages.post("/email/withdraw")
def withdraw_email_change() -> ResponseReturnValue:
    """Keep the address."""
    who = confirmed_visitor()
    command = WithdrawEmailChange(session_token=who.session_token, customer_id=who.customer_id)
    return _done(command, "Your e-mail address stays as it is.", "email")


@pages.post("/password")
def change_password() -> ResponseReturnValue:
    """Another password, with the present one."""
    form = NewPasswordForm()

    def command(who: Visitor) -> ChangePassword:
        return ChangePassword(
            session_token=who.session_token,
            customer_id=who.customer_id,
            current_password=form.current_password.data or "",
            new_password=form.new_password.data or "",
            ip_address=request.remote_addr or "",
        )

    done = "Your password is changed. Everywhere else you were signed in you are signed out."
    return _submitted(form, command, done, "password")


@pages.post("/sessions/end")
def end_session() -> ResponseReturnValue:
    """Sign out one other browser."""
    who = confirmed_visitor()
    session_id = request.form.get("session_id", "")
    command = EndSession(session_token=who.session_token, customer_id=who.customer_id, session_id=session_id)
    return _done(command, "That browser is signed out.", "sessions")


@pages.post("/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """Sign out everywhere else."""
    who = confirmed_visitor()
    command = EndOtherSessions(session_token=who.session_token, customer_id=who.customer_id)
    return _done(command, "You are signed out everywhere else.", "sessions")


def _submitted(
    form: FlaskForm, command: Callable[[Visitor], Command[Any]], done: str, section: str
) -> ResponseReturnValue:
    """Check the form, have it done, and go on; or show it again with what was typed and what is wrong with it."""
    if not form.validate():
        return _page(form, status=422)
    who = confirmed_for_form()
    try:
        return _done(command(who), done, section)
    except Refused as refused:
        field = _FIELDS.get(refused.details.get("field", ""), refused.details.get("field", ""))
        if refused.code == codes.CONFLICT:
            return _page(form, status=409, problem=refused.message)
        if refused.code not in _AT_A_FIELD or field not in form:
            raise
        refuse(form, field, refused.message)
        return _page(form, status=422)


def _done(command: Command[Any], done: str, section: str) -> ResponseReturnValue:
    ask(command, COMMAND_TIMEOUT_S)
    flash(done)
    return redirect(url_for("profile.show", _anchor=section), 303)


def _page(form: FlaskForm | None = None, *, status: int = 200, problem: str | None = None) -> ResponseReturnValue:
    who = visitor()
    panels = read_page(profile=GetProfile(session_token=who.session_token, customer_id=who.customer_id))
    profile: ProfileView = panels.need("profile")
    on_file = profile.customer
    forms = {
        "details": form if isinstance(form, DetailsForm) else DetailsForm(formdata=None, obj=on_file),
        "new_address": form if isinstance(form, NewAddressForm) else NewAddressForm(formdata=None),
        "new_password": form if isinstance(form, NewPasswordForm) else NewPasswordForm(formdata=None),
    }
    facts = {"problem": problem} if problem else {}
    page = render_template(
        "profile/profile.html", profile=profile, form=form, device_name=device_name, **forms, **facts
    )
    return page, status
