"""The Pay page: one form, one key, one charge.

The key is made when the form is rendered and travels to payments, which never charges a key twice: a double click, a
reload, the back button and a second try after a time-out all end at the same payment. Rules: docs/architecture.md,
"Paying".
"""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from contracts import codes
from contracts.payments import CancelPayment, ContinuePayment, GetPayment, PaymentView
from contracts.wire import Refused
from gateway import recent
from gateway.composition import IdentityAway, ask, confirmed_visitor, read_page
from gateway.log import log
from gateway.pay_form import MalformedForm, NoCard, PayForm, ids
from gateway.pay_page import Notice, notice_for, show_form
from gateway.rpc import PAY_TIMEOUT_S, undecided
from gateway.security import allow_card_entry
from gateway.visitor import visitor

pages = Blueprint("pay", __name__)


@pages.get("/pay")
def show() -> ResponseReturnValue:
    """The form for all that is owed, or for the invoices named in the address."""
    chosen = _chosen()
    if request.args.get("chosen") and not chosen:
        # From the list with nothing ticked: "chosen" must not turn into "everything".
        flash("Tick at least one invoice, then pay.")
        return redirect(url_for("invoices.show_list", show="open"), 303)
    return show_form(chosen, declined=request.args.get("declined"))


@pages.post("/pay")
def submit() -> ResponseReturnValue:
    """Pay once, and go to where the outcome is shown."""
    try:
        form = PayForm.read(request.form)
    except NoCard:
        return show_form(_chosen(), notice=notice_for("no_card"), status=422)
    except MalformedForm:
        abort(400)
    try:
        who = confirmed_visitor()
    except IdentityAway:
        # This press did nothing, but another one with its key may have, at a double click the one a moment before it.
        return _unconfirmed(form)
    if form.account != who.customer_id:
        # Rendered for one account, submitted after a switch to another: not what the customer agreed to.
        return show_form((), notice=notice_for("other_account"), status=409)
    try:
        payment = ask(form.command(who.customer_id), PAY_TIMEOUT_S)
    except Refused as refused:
        return _refused(refused, form)
    return _outcome(payment, form.chosen)


@pages.get("/pay/<payment_id>/confirm")
def confirm(payment_id: str) -> ResponseReturnValue:
    """The bank's own check (3-D Secure), then on by itself."""
    panels = read_page(payment=GetPayment(customer_id=visitor().customer_id, payment_id=payment_id))
    payment: PaymentView = panels.need("payment")
    if payment.state == "requires_action" and payment.client_secret is None:
        # The secret is kept nowhere: payments asks Stripe for it, and learns on the way if the check is over.
        payment = ask(ContinuePayment(customer_id=visitor().customer_id, payment_id=payment_id), PAY_TIMEOUT_S)
    if payment.state != "requires_action":
        return _outcome(payment)
    allow_card_entry()
    return render_template("pay/confirm.html", payment=payment)


@pages.post("/pay/<payment_id>/continue")
def proceed(payment_id: str) -> ResponseReturnValue:
    """After the bank's check: see where the payment stands."""
    who = confirmed_visitor()
    return _outcome(ask(ContinuePayment(customer_id=who.customer_id, payment_id=payment_id), PAY_TIMEOUT_S))


@pages.post("/pay/<payment_id>/cancel")
def cancel(payment_id: str) -> ResponseReturnValue:
    """Give up a payment that waits for the bank's check."""
    who = confirmed_visitor()
    try:
        return _outcome(ask(CancelPayment(customer_id=who.customer_id, payment_id=payment_id), PAY_TIMEOUT_S))
    except Refused as refused:
        if refused.code != codes.WRONG_STATE:
            raise
        # The bank was faster: where the payment stands is the answer.
        return redirect(url_for("receipts.show", payment_id=payment_id), 303)


def _chosen() -> tuple[str, ...]:
    try:
        return ids(request.values.getlist("invoice"))
    except MalformedForm:
        abort(400)


def _outcome(payment: PaymentView, chosen: tuple[str, ...] = ()) -> ResponseReturnValue:
    # Always a redirect: a reload of what follows repeats nothing.
    match payment.state:
        case "requires_action":
            return redirect(url_for("pay.confirm", payment_id=payment.payment_id), 303)
        case "failed":
            invoices = chosen or None
            return redirect(url_for("pay.show", declined=payment.payment_id, invoice=invoices), 303)
        case "succeeded":
            recent.note(payment)
    return redirect(url_for("receipts.show", payment_id=payment.payment_id), 303)


def _unconfirmed(form: PayForm) -> ResponseReturnValue:
    return render_template("pay/unconfirmed.html", form=form), 503


def _refused(refused: Refused, form: PayForm) -> ResponseReturnValue:
    log.warning("payment_refused", code=refused.code, reason=refused.message)
    if undecided(refused):
        # It may have been carried out. The same key goes again, so that trying again cannot charge twice.
        return _unconfirmed(form)
    if refused.code == codes.ALREADY_BEING_PAID:
        return render_template("pay/already_being_paid.html"), 409
    if refused.code in (codes.THROTTLED, codes.WRONG_CREDENTIALS):
        raise refused
    notice = notice_for(refused.code) or Notice("The payment was not made", refused.message)
    status = 503 if refused.code == codes.UNAVAILABLE else 409
    return show_form(form.chosen, notice=notice, status=status, agreed_minor=form.amount_minor)
