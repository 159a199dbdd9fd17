"""Telling customers that the card which auto-pay charges is about to expire."""

from datetime import datetime, timedelta

from sqlalchemy import select

from contracts.payments import AutoPayCardExpiring
from services.payments.auto_pay_models import AutoPayAccount
from services.payments.domain import charge_dates
from services.payments.domain.present import Present
from services.payments.models import SavedCard
from services.payments.operations.auto_pay import accounts, paying_card
from services.payments.operations.tools import Tools

WORKER = "expiring cards"
_LOOK_AGAIN = timedelta(days=1)


def tell_expiring(tools: Tools) -> bool:
    """Look at one account whose card may be about to expire; True when there may be more."""
    with tools.database.read() as session:
        now = tools.business_clock.now(session)
        due = select(AutoPayAccount.customer_id).where(AutoPayAccount.card_look_at <= now).limit(1)
        customer_id = session.scalar(due)
    if customer_id is None:
        return False
    with tools.database.transaction() as session:
        account = accounts.locked(session, customer_id)
        present = tools.present(session)
        if account.card_look_at is None or account.card_look_at > present.now:
            # Another worker was here.
            return True
        card = paying_card.of_account(session, account)
        if account.state != "on" or card is None:
            account.card_look_at = None
            return True
        account.card_look_at = _next_look(card, present)
        name = f"{card.card_id} {card.exp_year}-{card.exp_month:02}"
        last_day = charge_dates.last_day_of_card(card.exp_year, card.exp_month)
        notice_on = charge_dates.card_notice_on(card.exp_year, card.exp_month)
        if account.card_told != name and notice_on <= present.today <= last_day:
            account.card_told = name
            expiring = AutoPayCardExpiring(
                customer_id=customer_id, card=paying_card.in_event(card), expires_on=last_day
            )
            accounts.record(session, account, expiring)
    return True


def _next_look(card: SavedCard, present: Present) -> datetime:
    """The same card can be entered anew, with another month: so it is looked at again each day once it is told of."""
    notice_on = charge_dates.card_notice_on(card.exp_year, card.exp_month)
    return present.rules.instant(max(notice_on, present.today + _LOOK_AGAIN))
