"""The cards that customers chose to keep. Changes of a customer's cards are made one after the other."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.ids import new_id
from contracts import codes
from contracts.payments import MOST_CARDS, MakeCardDefault
from contracts.wire import Refused
from services.payments.clients.provider import Card
from services.payments.models import Customer, SavedCard
from services.payments.operations import detaching

log = logging.getLogger(__name__)


def save(session: Session, customer_id: str, card: Card, *, now: datetime) -> tuple[SavedCard | None, bool]:
    """Keep a card that the provider has attached to the customer; return it and whether it had been saved before.

    The first one becomes the default. The same card entered again replaces what was kept of it. Beyond the most that
    can be kept it is none, and the provider is told to forget it.
    """
    others = own_locked(session, customer_id)
    saved = next((each for each in others if _is_same(each, card)), None)
    was_saved_before = saved is not None
    if saved is None:
        if len(others) >= MOST_CARDS:
            log.warning("customer %s has %s cards: another one is not kept", customer_id, len(others))
            detaching.plan(session, card.payment_method, customer_id=customer_id, now=now)
            return None, False
        saved = SavedCard(card_id=new_id(), customer_id=customer_id, is_default=not others, created_at=now)
        session.add(saved)
    elif saved.payment_method_id != card.payment_method:
        detaching.plan(session, saved.payment_method_id, customer_id=customer_id, now=now)
    saved.payment_method_id = card.payment_method
    saved.fingerprint = card.fingerprint
    saved.brand, saved.last4 = card.brand, card.last4
    saved.exp_month, saved.exp_year = card.exp_month, card.exp_year
    return saved, was_saved_before


def make_default(session: Session, command: MakeCardDefault) -> None:
    """Offer the card first from now on. Refused `not_found`."""
    cards = own_locked(session, command.customer_id)
    if all(card.card_id != command.card_id for card in cards):
        raise not_there()
    for card in cards:
        card.is_default = card.card_id == command.card_id


def to_charge(session: Session, *, customer_id: str, card_id: str) -> SavedCard | None:
    """The customer's card as it is to be charged; None where it is not saved any more.

    Locked against removal until the transaction ends: a payment with the card that is stored in it is seen by whoever
    removes the card.
    """
    card = session.get(SavedCard, card_id, with_for_update={"read": True})
    return card if card is not None and card.customer_id == customer_id else None


def own_locked(session: Session, customer_id: str) -> Sequence[SavedCard]:
    """The customer's cards, the oldest first, all locked; nobody else adds, removes or reorders any until commit."""
    session.execute(select(Customer.customer_id).where(Customer.customer_id == customer_id).with_for_update())
    own = select(SavedCard).where(SavedCard.customer_id == customer_id).order_by(SavedCard.card_id)
    return session.scalars(own.with_for_update()).all()


def not_there() -> Refused:
    """The refusal of a card that is not the customer's, or not any more."""
    return Refused(codes.NOT_FOUND, "This card is not saved any more.", field="card_id")


def _is_same(saved: SavedCard, card: Card) -> bool:
    if saved.payment_method_id == card.payment_method:
        return True
    return card.fingerprint is not None and saved.fingerprint == card.fingerprint
