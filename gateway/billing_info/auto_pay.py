"""Auto-pay is turned on by the second Submit, changed, and turned off. Every outcome is a redirect."""

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from contracts import codes
from contracts.payments import (
    AutoPayView,
    CancelAutoPay,
    CardsView,
    ChangeAutoPay,
    EnrollAutoPay,
    GetAutoPay,
    ListCards,
)
from contracts.wire import Command, Refused
from gateway.amounts import NotAnAmount, typed_amount_minor
from gateway.billing_info import consent, page
from gateway.billing_info.blueprint import AUTO_PAY, pages
from gateway.billing_info.wanted import Wanted, back_to_the_form
from gateway.composition import ask, read_page
from gateway.log import log
from gateway.rpc import COMMAND_TIMEOUT_S, undecided
from gateway.visitor import visitor
from gateway.way_back import leads_back_to

SIGNED_UP = "Now you are signed up for auto-pay."
_UNDECIDED = (
    "The answer did not arrive in time. This is how auto-pay stands now; if it is not as you want it, try again."
)
_LONGEST_AGENT = 300
_LONGEST_ID = 64


@pages.post("/auto-pay")
@leads_back_to(back_to_the_form)
def finish() -> ResponseReturnValue:
    """The second Submit: the customer agrees, and auto-pay is on."""
    wanted = replace(Wanted.read(request.form), entry="turn-on")
    me = visitor().customer_id
    panels = read_page(cards=ListCards(customer_id=me), auto_pay=GetAutoPay(customer_id=me))
    cards: CardsView = panels.need("cards")
    auto_pay: AutoPayView = panels.need("auto_pay")
    if _is_of_another_account():
        return back()
    card = next((card for card in cards.cards if card.card_id == wanted.card_id and not card.expired), None)
    if card is None:
        return page.show_page(wanted, status=409)
    maximum_minor, problems = _read_maximum(wanted.maximum)
    if request.form.get("consent_version") != consent.VERSION:
        problems["consent"] = "These words have changed since you opened the page. Read them again, then tick the box."
    elif not request.form.get("consent"):
        problems["consent"] = "Tick the box to agree. Without it auto-pay stays off."
    if problems:
        return page.show_page(replace(wanted, problems=problems), status=422)
    command = EnrollAutoPay(
        key=request.form.get("key", "")[:_LONGEST_ID],
        customer_id=me,
        card_id=card.card_id,
        consent_text=page.consent_for(card, auto_pay),
        consent_version=consent.VERSION,
        maximum_minor=maximum_minor,
        include_balance=wanted.pay_balance,
        origin="portal",
        **whence(),
    )
    return _carried_out(command, SIGNED_UP, wanted)


@pages.post("/auto-pay/maximum")
@leads_back_to(back_to_the_form)
def change_maximum() -> ResponseReturnValue:
    """Another maximum, or none."""
    wanted = Wanted.read(request.form)
    auto_pay = _read_auto_pay()
    if _is_of_another_account():
        return back()
    if auto_pay.state != "on" or auto_pay.card is None:
        # Paused, a change of anything would have it go on; that is for the choice of a card to do.
        flash("Auto-pay charges no card at the moment. Nothing was changed.", AUTO_PAY)
        return back()
    maximum_minor, problems = _read_maximum(wanted.maximum)
    if problems:
        return page.show_page(replace(wanted, problems=problems), status=422)
    return _change(auto_pay.card.card_id, maximum_minor, "The maximum is changed.", wanted)


def use_card(card_id: str) -> ResponseReturnValue:
    """Give auto-pay another card; what was declined is tried with it at once."""
    auto_pay = _read_auto_pay()
    if auto_pay.state == "off":
        return redirect(url_for("billing_info.show", enter="turn-on", card=card_id, _anchor=AUTO_PAY), 303)
    declined = auto_pay.state == "paused" or any(each.state in ("retrying", "declined") for each in auto_pay.upcoming)
    said = "Auto-pay has a new card." + (" What was declined is charged to it now." if declined else "")
    return _change(card_id, auto_pay.maximum_minor, said, Wanted(entry="change"))


@pages.get("/auto-pay/off")
def ask_to_turn_off() -> ResponseReturnValue:
    """Say what turning auto-pay off means, and ask."""
    auto_pay = _read_auto_pay()
    if auto_pay.state == "off":
        return back()
    return render_template("billing_info/turn_off.html", auto_pay=auto_pay, account=visitor().customer_id)


@pages.post("/auto-pay/off")
def turn_off() -> ResponseReturnValue:
    """Nothing further is charged by itself."""
    read_page()
    if _is_of_another_account():
        return back()
    command = CancelAutoPay(customer_id=visitor().customer_id, **whence())
    return _carried_out(command, "Auto-pay is off. Nothing is charged by itself any more.", Wanted())


def back() -> ResponseReturnValue:
    """To the section of the page."""
    return redirect(url_for("billing_info.show", _anchor=AUTO_PAY), 303)


def _is_of_another_account() -> bool:
    """Whether the form was rendered for one account and submitted after a switch to another; that is said then."""
    if request.form.get("account") == visitor().customer_id:
        return False
    flash("You switched to another account. Nothing was changed. This is the account you are in now.", AUTO_PAY)
    return True


def _read_auto_pay() -> AutoPayView:
    auto_pay: AutoPayView = read_page(auto_pay=GetAutoPay(customer_id=visitor().customer_id)).need("auto_pay")
    return auto_pay


def _change(card_id: str, maximum_minor: int | None, said: str, wanted: Wanted) -> ResponseReturnValue:
    customer_id = visitor().customer_id
    command = ChangeAutoPay(customer_id=customer_id, card_id=card_id, maximum_minor=maximum_minor, **whence())
    return _carried_out(command, said, wanted)


def _carried_out(command: Command[AutoPayView], said: str, wanted: Wanted) -> ResponseReturnValue:
    try:
        ask(command, COMMAND_TIMEOUT_S)
    except Refused as refused:
        if refused.code in (codes.WRONG_CREDENTIALS, codes.THROTTLED):
            raise
        log.warning("auto_pay_refused", code=refused.code, reason=refused.message)
        if refused.code == codes.AMOUNT_TOO_SMALL or refused.details.get("field") == "maximum_minor":
            return page.show_page(replace(wanted, problems={"maximum": refused.message}), status=422)
        flash(_UNDECIDED if undecided(refused) else refused.message, AUTO_PAY)
    else:
        flash(said, AUTO_PAY)
    return back()


def _read_maximum(typed: str) -> tuple[int | None, dict[str, str]]:
    """The maximum in minor units, None without one; and what is wrong with it."""
    if not typed:
        return None, {}
    try:
        return typed_amount_minor(typed), {}
    except NotAnAmount as problem:
        return None, {"maximum": str(problem)}


def whence() -> dict[str, str]:
    """From where the customer says so; behind proxies it is the address that they vouch for."""
    return {"ip_address": request.remote_addr or "", "user_agent": request.user_agent.string[:_LONGEST_AGENT]}
