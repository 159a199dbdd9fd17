"""The cards that customers chose to keep."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.ids import new_id
from services.payments.clients.provider import Card
from services.payments.models import SavedCard


def save(session: Session, customer_id: str, card: Card, *, now: datetime) -> SavedCard:
    """Keep a card that the provider has attached to the customer; the first one becomes the default.

    The same card entered again replaces what was kept of it.
    """
    same = SavedCard.payment_method_id == card.payment_method
    if card.fingerprint is not None:
        same |= (SavedCard.customer_id == customer_id) & (SavedCard.fingerprint == card.fingerprint)
    saved = session.execute(select(SavedCard).where(same)).scalars().first()
    if saved is None:
        others = session.execute(
            select(func.count()).select_from(SavedCard).where(SavedCard.customer_id == customer_id)
        ).scalar_one()
        saved = SavedCard(card_id=new_id(), customer_id=customer_id, is_default=others == 0, created_at=now)
        session.add(saved)
    saved.payment_method_id = card.payment_method
    saved.fingerprint = card.fingerprint
    saved.brand, saved.last4 = card.brand, card.last4
    saved.exp_month, saved.exp_year = card.exp_month, card.exp_year
    return saved
