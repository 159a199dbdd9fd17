"""Removing a saved card, so that nothing is charged to it any more."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import codes
from contracts.payments import RemoveCard
from contracts.wire import Refused
from services.payments.domain.present import Present
from services.payments.models import Detachment
from services.payments.operations import cards, detaching
from services.payments.operations.auto_pay import accounts, pausing


def remove_card(session: Session, command: RemoveCard, *, present: Present) -> None:
    """Forget the card; the provider is told after the commit. Removed before, it stays removed.

    Where it was the default, the newest of the others becomes it. Refused as `RemoveCard` says.
    """
    account = accounts.locked(session, command.customer_id)
    own = cards.own_locked(session, command.customer_id)
    card = next((each for each in own if each.card_id == command.card_id), None)
    if card is None:
        if _was_removed(session, command):
            return
        raise cards.not_there()
    if detaching.is_being_charged(session, card.payment_method_id, customer_id=command.customer_id):
        message = "A payment with this card is on its way. You can remove the card when that is finished."
        raise Refused(codes.WRONG_STATE, message, field="card_id")
    pausing.card_goes(session, account, card.card_id, is_agreed=command.pause_auto_pay, present=present)
    detaching.plan(
        session,
        card.payment_method_id,
        customer_id=card.customer_id,
        now=present.system_now,
        removed_card_id=card.card_id,
    )
    if card.is_default and (others := [each for each in own if each is not card]):
        others[-1].is_default = True
    session.delete(card)


def _was_removed(session: Session, command: RemoveCard) -> bool:
    removed = select(Detachment).where(
        Detachment.card_id == command.card_id, Detachment.customer_id == command.customer_id
    )
    return session.execute(removed.limit(1)).first() is not None
