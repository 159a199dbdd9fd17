"""The page itself: everything about the customer's cards and auto-pay, in one gather."""

from dataclasses import replace
from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from chassis.ids import new_id
from contracts.billing import AmountDue, GetAmountDue
from contracts.payments import AutoPayView, CardSetupView, CardsView, CardView, ContinueCardSetup, GetAutoPay, ListCards
from contracts.wire import Command
from gateway.billing_info import consent
from gateway.billing_info.blueprint import pages
from gateway.billing_info.wanted import Purpose, Wanted
from gateway.composition import Panels, read_page
from gateway.security import allow_card_entry
from gateway.visitor import visitor


@pages.get("")
def show() -> ResponseReturnValue:
    """The page, with card entry where its address asks for it."""
    return show_page(Wanted.read(request.args))


def show_page(wanted: Wanted, *, status: int = 200) -> ResponseReturnValue:
    """The page as `wanted`. A part whose service is away says so."""
    me = visitor().customer_id
    asked: dict[str, Command[Any]] = {
        "cards": ListCards(customer_id=me),
        "auto_pay": GetAutoPay(customer_id=me),
        "due": GetAmountDue(customer_id=me, invoice_limit=1),
    }
    if wanted.declined:
        asked["declined"] = ContinueCardSetup(customer_id=me, setup_id=wanted.declined)
    panels = read_page(**asked)
    cards: CardsView | None = panels.get("cards")
    auto_pay: AutoPayView | None = panels.get("auto_pay")
    due: AmountDue | None = panels.get("due")
    usable = [card for card in cards.cards if not card.expired] if cards else []
    chosen = next((card for card in usable if card.card_id == wanted.card_id), None)
    entry = _entry(wanted, auto_pay) if cards else None
    finishing = entry == "turn-on" and chosen is not None
    if entry and not finishing:
        allow_card_entry()
    page = render_template(
        "billing_info/billing_info.html",
        account=me,
        key=new_id(),
        cards=cards,
        usable=usable,
        auto_pay=auto_pay,
        due=due,
        entry=entry,
        finishing=finishing,
        chosen=chosen,
        # Chosen a moment ago, and removed in another tab or made up.
        card_is_gone=bool(wanted.card_id) and chosen is None and entry == "turn-on",
        declined=_declined(panels) if wanted.declined else None,
        wanted=replace(wanted, entry=entry),
        consent=_consent(chosen, auto_pay) if finishing else "",
        consent_version=consent.VERSION,
        problems=wanted.problems,
        **({"problem": True} if wanted.problems else {}),
    )
    return page, status


def consent_for(card: CardView, auto_pay: AutoPayView) -> str:
    """The words that stand beside the box for this card."""
    return consent.text_for(current_app.extensions["porchlight.settings"].business_name, card, auto_pay)


def _entry(wanted: Wanted, auto_pay: AutoPayView | None) -> Purpose | None:
    """Where a card is entered, of what is wanted that which makes sense as auto-pay stands."""
    if auto_pay is None:
        return wanted.entry if wanted.entry == "save" else None
    if auto_pay.state == "off":
        return wanted.entry if wanted.entry != "change" else None
    if auto_pay.state == "paused" and wanted.entry != "save":
        # The rescue lies open: one press leads to another card.
        return "change"
    return wanted.entry if wanted.entry != "turn-on" else None


def _consent(card: CardView | None, auto_pay: AutoPayView | None) -> str:
    return consent_for(card, auto_pay) if card and auto_pay else ""


def _declined(panels: Panels) -> CardSetupView | None:
    setup: CardSetupView | None = panels.get("declined")
    return setup if setup is not None and setup.state == "failed" else None
