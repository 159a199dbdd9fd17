"""Saved cards: added with the bank's check, made the default, removed. Every outcome is a redirect."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from contracts import codes
from contracts.payments import (
    AddCard,
    CancelCardSetup,
    CardSetupView,
    CardView,
    ContinueCardSetup,
    ListCards,
    MakeCardDefault,
    RemoveCard,
    brand_name,
)
from contracts.wire import Refused
from gateway.billing_info.auto_pay import use_card
from gateway.billing_info.blueprint import AUTO_PAY, CARDS, pages
from gateway.billing_info.card_form import CardForm
from gateway.billing_info.wanted import Purpose, Wanted, back_to_the_form, place_of, purpose_of
from gateway.choice import MalformedForm
from gateway.composition import ask, confirmed_visitor, read_page
from gateway.log import log
from gateway.pay_form import NoCard
from gateway.rpc import COMMAND_TIMEOUT_S, PAY_TIMEOUT_S, undecided
from gateway.security import allow_card_entry
from gateway.visitor import visitor
from gateway.way_back import leads_back_to

_UNDECIDED = (
    "The answer about your card did not arrive in time. Nothing was charged. Once it is saved it is listed here."
)


@pages.post("/cards")
@leads_back_to(back_to_the_form)
def submit_card() -> ResponseReturnValue:
    """The Submit under card entry: save a new card, or take a saved one, and go on to what it is for."""
    try:
        form = CardForm.read(request.form)
    except NoCard:
        wanted = Wanted.read(request.form)
        words = "No card was entered. Enter one, or choose a saved one. Entering a card needs JavaScript."
        flash(words, place_of(wanted.entry))
        return redirect(wanted.path, 303)
    except MalformedForm:
        abort(400)
    who = confirmed_visitor()
    if form.account != who.customer_id:
        flash("You switched to another account. This is the billing info of the account you are in now.")
        return redirect(url_for("billing_info.show"), 303)
    if form.card_id is not None:
        return _go_on(form.card_id, form.purpose)
    command = AddCard(key=form.key, customer_id=who.customer_id, payment_method=form.payment_method or "")
    try:
        return _outcome(ask(command, PAY_TIMEOUT_S), form.purpose)
    except Refused as refused:
        if refused.code in (codes.WRONG_CREDENTIALS, codes.THROTTLED):
            raise
        log.warning("card_refused", code=refused.code, reason=refused.message)
        flash(_UNDECIDED if undecided(refused) else refused.message, place_of(form.purpose))
        return redirect(url_for("billing_info.show", _anchor=place_of(form.purpose)), 303)


@pages.get("/cards/setups/<setup_id>")
def show_setup(setup_id: str) -> ResponseReturnValue:
    """Where the saving of a card stands: the bank's own check (3-D Secure), or the wait for the provider."""
    who = confirmed_visitor()
    setup = ask(ContinueCardSetup(customer_id=who.customer_id, setup_id=setup_id), PAY_TIMEOUT_S)
    purpose = purpose_of(request.args.get("enter", "")) or "save"
    if setup.state != "requires_action" and setup.settled:
        return _outcome(setup, purpose)
    if setup.state == "requires_action":
        allow_card_entry()
    return render_template("billing_info/setup.html", setup=setup, purpose=purpose)


@pages.post("/cards/setups/<setup_id>/continue")
def continue_setup(setup_id: str) -> ResponseReturnValue:
    """After the bank's check: see where the card stands."""
    who = confirmed_visitor()
    setup = ask(ContinueCardSetup(customer_id=who.customer_id, setup_id=setup_id), PAY_TIMEOUT_S)
    return _outcome(setup, purpose_of(request.form.get("enter", "")) or "save")


@pages.post("/cards/setups/<setup_id>/cancel")
def cancel_setup(setup_id: str) -> ResponseReturnValue:
    """Give up a card that waits for the bank's check."""
    who = confirmed_visitor()
    setup = ask(CancelCardSetup(customer_id=who.customer_id, setup_id=setup_id), PAY_TIMEOUT_S)
    return _outcome(setup, purpose_of(request.form.get("enter", "")) or "save")


@pages.post("/cards/<card_id>/default")
def make_default(card_id: str) -> ResponseReturnValue:
    """Offer this card first."""
    who = confirmed_visitor()
    ask(MakeCardDefault(customer_id=who.customer_id, card_id=card_id), COMMAND_TIMEOUT_S)
    flash("This card is offered first from now on.", CARDS)
    return redirect(url_for("billing_info.show", _anchor=CARDS), 303)


@pages.get("/cards/<card_id>/remove")
def ask_to_remove(card_id: str) -> ResponseReturnValue:
    """Say what removing the card means, and ask."""
    return _removal(card_id)


@pages.post("/cards/<card_id>/remove")
def remove(card_id: str) -> ResponseReturnValue:
    """Remove the card; auto-pay pauses only where the page said so."""
    who = confirmed_visitor()
    command = RemoveCard(
        customer_id=who.customer_id, card_id=card_id, pause_auto_pay=bool(request.form.get("pause_auto_pay"))
    )
    try:
        ask(command, COMMAND_TIMEOUT_S)
    except Refused as refused:
        if refused.code == codes.CARD_IN_USE:
            # Auto-pay took it up after the page was opened: ask again, with what that means.
            return _removal(card_id, status=409)
        if refused.code != codes.WRONG_STATE:
            raise
        flash(refused.message, CARDS)
    else:
        flash("The card is removed. Nothing is charged to it any more.", CARDS)
    return redirect(url_for("billing_info.show", _anchor=CARDS), 303)


def _removal(card_id: str, *, status: int = 200) -> ResponseReturnValue:
    panels = read_page(cards=ListCards(customer_id=visitor().customer_id))
    card = next((card for card in panels.need("cards").cards if card.card_id == card_id), None)
    if card is None:
        abort(404)
    return render_template("billing_info/remove.html", card=card), status


def _outcome(setup: CardSetupView, purpose: Purpose) -> ResponseReturnValue:
    match setup.state:
        case "succeeded" if setup.card is not None:
            if purpose == "save":
                flash(_saved_words(setup.card, was_saved_before=setup.was_saved_before), CARDS)
            return _go_on(setup.card.card_id, purpose)
        case "failed":
            target = url_for("billing_info.show", enter=purpose, declined=setup.setup_id, _anchor=place_of(purpose))
            return redirect(target, 303)
        case "succeeded" | "cancelled":
            flash("The card is not saved.", place_of(purpose))
            return redirect(url_for("billing_info.show", _anchor=place_of(purpose)), 303)
    return redirect(url_for("billing_info.show_setup", setup_id=setup.setup_id, enter=purpose), 303)


def _go_on(card_id: str, purpose: Purpose) -> ResponseReturnValue:
    """To what the card is for."""
    match purpose:
        case "turn-on":
            return redirect(url_for("billing_info.show", enter=purpose, card=card_id, _anchor=AUTO_PAY), 303)
        case "change":
            return use_card(card_id)
    return redirect(url_for("billing_info.show", _anchor=CARDS), 303)


def _saved_words(card: CardView, *, was_saved_before: bool) -> str:
    name = f"{brand_name(card.brand)} ·· {card.last4}"
    return f"{name} was saved already; its date is up to date now." if was_saved_before else f"{name} is saved."
