"""The card that auto-pay charges: which may be chosen, and how letters name it."""

from datetime import date

from sqlalchemy.orm import Session

from contracts import codes
from contracts.payments import AutoPayCard
from contracts.wire import Refused
from services.payments.auto_pay_models import AutoPayAccount
from services.payments.domain import charge_dates
from services.payments.models import SavedCard
from services.payments.operations import cards


def chosen(session: Session, *, customer_id: str, card_id: str, today: date) -> SavedCard:
    """The customer's card to charge from now on. Refused `not_found`, `invalid` where it has expired."""
    card = cards.to_charge(session, customer_id=customer_id, card_id=card_id)
    if card is None:
        raise cards.not_there()
    if charge_dates.last_day_of_card(card.exp_year, card.exp_month) < today:
        raise Refused(codes.INVALID, "This card has expired. Please choose another one.", field="card_id")
    return card


def of_account(session: Session, account: AutoPayAccount) -> SavedCard | None:
    """The account's card, kept from removal until the transaction ends; None where there is none."""
    if account.card_id is None:
        return None
    return cards.to_charge(session, customer_id=account.customer_id, card_id=account.card_id)


def in_event(card: SavedCard) -> AutoPayCard:
    """A card as letters name it."""
    return AutoPayCard(brand=card.brand, last4=card.last4, exp_month=card.exp_month, exp_year=card.exp_year)
