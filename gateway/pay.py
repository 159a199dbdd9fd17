"""The Pay page: one form, one key, one charge.

The key is made when the form is rendered and travels to payments, which never charges a key twice: a double click, a
reload, the back button and a second try after a time-out all end at the same payment. Rules: docs/architecture.md,
"Paying".
"""

from collections.abc import Callable
from typing import cast

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from contracts import codes
from contracts.billing import AppliedCredits
from contracts.payments import CancelPayment, ContinuePayment, GetPayment, PaymentView
from contracts.wire import Refused
from gateway import recent
from gateway.choice import MOST_CHOSEN, Choice, MalformedForm
from gateway.composition import IdentityAway, ask, confirmed_visitor, read_page
from gateway.log import log
from gateway.pay_form import NoCard, PayForm
from gateway.pay_page import Notice, notice_for, show_form, show_preview
from gateway.rpc import PAY_TIMEOUT_S, undecided
from gateway.security import allow_card_entry
from gateway.visitor import visitor
from gateway.way_back import leads_back_to

pages = Blueprint("pay", __name__)


@pages.get("/pay")
def show() -> ResponseReturnValue:
    """The form for all that is owed, or for what the address names."""
    ticked = request.args.getlist("invoice")
    if request.args.get("chosen") and len(set(ticked)) > MOST_CHOSEN:
        # The list keeps as many as one payment takes, and says so.
        return redirect(url_for("invoices.show_list", show="open", invoice=ticked), 303)
    choice = _choice()
    if request.args.get("chosen") and not choice.invoices:
        # From the list with nothing ticked: "chosen" must not turn into "everything".
        flash("Tick at least one invoice, then pay.")
        return redirect(url_for("invoices.show_list", show="open"), 303)
    return show_form(choice, declined=request.args.get("declined"))


@pages.get("/pay/preview")
def preview() -> ResponseReturnValue:
    """What the page's script shows when the choice changes."""
    return show_preview(_choice())


def _form_again() -> str:
    try:
        return url_for("pay.show", **Choice.read(request.form).address())
    except MalformedForm:
        return url_for("pay.show")


@pages.post("/pay")
@leads_back_to(_form_again)
def submit() -> ResponseReturnValue:
    """Pay once, and go to where the outcome is shown."""
    choice = _choice()
    if request.form.get("preview"):
        return redirect(url_for("pay.show", **choice.address()), 303)
    if "what" in request.form and request.form.get("shown") != choice.digest():
        # Chosen after the amount was shown: it was agreed to by nobody.
        return show_form(choice, notice=notice_for("other_choice"), status=409)
    try:
        form = PayForm.read(request.form)
    except NoCard:
        return show_form(choice, notice=notice_for("no_card"), status=422)
    except MalformedForm:
        abort(400)
    if form.excess_minor and not form.agreed_to_excess:
        return show_form(choice, notice=notice_for("no_yes_to_excess"), status=422)
    try:
        who = confirmed_visitor()
    except IdentityAway:
        # This press did nothing, but another one with its key may have, at a double click the one a moment before it.
        return _unconfirmed(form)
    if form.account != who.customer_id:
        # Rendered for one account, submitted after a switch to another: not what the customer agreed to.
        return show_form(Choice(), notice=notice_for("other_account"), status=409)
    return _pay(form, who.customer_id)


def _pay(form: PayForm, customer_id: str) -> ResponseReturnValue:
    """Credits first, then the card for the rest: docs/decisions/credits-before-the-card.md."""
    try:
        if form.credits_minor:
            applied = ask(form.credits_command(customer_id), PAY_TIMEOUT_S)
            _say(applied)
        if not form.amount_minor:
            return redirect(url_for("dashboard.show"), 303)
        payment = ask(form.command(customer_id), PAY_TIMEOUT_S)
    except Refused as refused:
        return _refused(refused, form)
    return _outcome(payment, form.choice)


def _say(applied: AppliedCredits) -> None:
    if applied.applied_minor:
        recent.note_credits(applied)
        money = cast(Callable[[int, str], str], current_app.jinja_env.globals["money"])
        flash(f"{money(applied.applied_minor, applied.currency)} of your credits is on your invoices now.")
    else:
        flash("None of your credits was used: what they were meant for is paid, or a payment of it is on its way.")


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


def _choice() -> Choice:
    try:
        return Choice.read(request.values)
    except MalformedForm:
        abort(400)


def _outcome(payment: PaymentView, choice: Choice | None = None) -> ResponseReturnValue:
    # Always a redirect: a reload of what follows repeats nothing.
    match payment.state:
        case "requires_action":
            return redirect(url_for("pay.confirm", payment_id=payment.payment_id), 303)
        case "failed":
            again = (choice or Choice()).address()
            return redirect(url_for("pay.show", declined=payment.payment_id, **again), 303)
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
    return show_form(form.choice, notice=notice, status=status, agreed_minor=form.amount_minor)
