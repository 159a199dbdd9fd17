"""Pausing auto-pay, and ending it: nothing further is begun; what is on its way goes on to its outcome."""

from sqlalchemy.orm import Session

from contracts import codes
from contracts.payments import AutoPayEnded, AutoPayPaused, Decline, PauseReason
from contracts.wire import Refused
from services.payments.auto_pay_models import AutoPayAccount
from services.payments.domain import charge_states
from services.payments.domain.present import Present
from services.payments.models import SavedCard
from services.payments.operations.auto_pay import accounts, charges, paying_card

_CARD_REMOVED = Decline(
    code="card_removed",
    decline_code=None,
    message="The card that auto-pay charged was removed.",
    next_step="Choose another card to turn auto-pay on again.",
)


def pause(
    session: Session,
    account: AutoPayAccount,
    reason: PauseReason,
    *,
    present: Present,
    decline: Decline = _CARD_REMOVED,
    is_told: bool = False,
) -> None:
    """Charge nothing until the customer says how to go on. The account is locked.

    `is_told`: another event of this moment tells the customer already.
    """
    card = None if account.card_id is None else session.get(SavedCard, account.card_id)
    account.state, account.paused_at, account.pause_reason = "paused", present.now, reason
    account.card_look_at = None
    for charge in charges.of_customer(session, account.customer_id):
        if charge.state in charge_states.TRIED:
            charges.sleep(charge)
    event = AutoPayPaused(
        customer_id=account.customer_id,
        reason=reason,
        card=None if card is None else paying_card.in_event(card),
        message=decline.message,
        next_step=decline.next_step,
        paused_at=present.now,
        is_told=is_told,
    )
    accounts.record(session, account, event)


def card_goes(session: Session, account: AutoPayAccount, card_id: str, *, is_agreed: bool, present: Present) -> None:
    """A saved card is being removed: where auto-pay charges it, it pauses. The account is locked, before the cards are.

    Refused `card_in_use` unless the customer agreed to that.
    """
    if account.card_id != card_id or account.state == "off":
        return
    if account.state == "on":
        if not is_agreed:
            message = "Auto-pay charges this card. Choose another one for it first, or let auto-pay be paused."
            raise Refused(codes.CARD_IN_USE, message, field="card_id")
        pause(session, account, "card_removed", present=present)
    account.card_id = None


def end(session: Session, account: AutoPayAccount, *, present: Present) -> None:
    """Turn auto-pay off. The account is locked and not off."""
    for charge in charges.of_customer(session, account.customer_id):
        charge.is_above_maximum_agreed = False
        if charge.state != "charging":
            charges.rest(charge, "left")
    account.state, account.card_id, account.includes_balance = "off", None, False
    account.enrolled_at = account.covers_since = account.paused_at = account.pause_reason = None
    account.maximum_minor = account.consent_id = account.card_look_at = None
    accounts.record(session, account, AutoPayEnded(customer_id=account.customer_id, ended_at=present.now))
