"""The saving of a card as it is known here: the one way for it to change its state, and who works on it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from chassis.wakeups import wake_at_commit
from contracts.payments import CardSetupState, CardSetupView
from services.payments.clients.provider import Card, DeclineCodes
from services.payments.domain import schedule, setup_states
from services.payments.models import CardSetup
from services.payments.operations import cards, lease
from services.payments.operations.tools import Tools
from services.payments.views import card_setup_view

WORKER = "card_setups"


@dataclass(frozen=True, kw_only=True)
class News:
    """What was learnt about a setup. `client_secret` is answered to the browser and kept nowhere."""

    state: CardSetupState
    card: Card | None = None
    decline: DeclineCodes | None = None
    client_secret: str | None = None


def locked(session: Session, setup_id: str) -> CardSetup:
    """Return the setup with its row locked. Raises NoResultFound."""
    return session.get_one(CardSetup, setup_id, with_for_update=True)


def take(tools: Tools, setup_id: str) -> CardSetup | None:
    """Return the setup for the caller alone; None when it is settled or another worker has it."""
    now = tools.system_clock.now()
    with tools.database.transaction() as session:
        setup = locked(session, setup_id)
        if setup.state in setup_states.SETTLED or lease.is_leased(setup, now):
            return None
        setup.leased_until = now + schedule.LEASE
        return setup


def hint(session: Session, stripe_setup_id: str, *, now: datetime) -> None:
    """The provider has news of a setup: look at it soon, unless it is settled."""
    changed = session.execute(
        update(CardSetup)
        .where(CardSetup.stripe_setup_id == stripe_setup_id, CardSetup.next_check_at.is_not(None))
        .values(next_check_at=now)
        .returning(CardSetup.setup_id)
    )
    if changed.first() is not None:
        wake_at_commit(session, WORKER)


def record(tools: Tools, setup_id: str, news: News) -> CardSetupView:
    """Note what was learnt, keep the card where the bank allowed it, and answer how the setup stands.

    Late news change nothing, and in any case the worker that brings them is done with the setup.
    """
    now = tools.system_clock.now()
    with tools.database.transaction() as session:
        setup = locked(session, setup_id)
        setup.leased_until = None
        if setup_states.moves(setup.state, news.state):
            setup.state = news.state
            if news.decline is not None:
                setup.decline_reason, setup.decline_code = news.decline.code, news.decline.decline_code
            if news.card is not None:
                saved, setup.was_saved_before = cards.save(session, setup.customer_id, news.card, now=now)
                setup.card_id = saved.card_id if saved else None
        _plan_next_check(setup, tools)
        session.flush()
        return card_setup_view(
            session, setup, today=tools.business_clock.today(session), client_secret=news.client_secret
        )


def _plan_next_check(setup: CardSetup, tools: Tools) -> None:
    now = tools.system_clock.now()
    if setup.state in setup_states.SETTLED:
        setup.next_check_at = None
    elif setup.state == "requires_action":
        setup.next_check_at = max(setup.created_at + schedule.ABANDONED_AFTER, now + schedule.FIRST_CHECKS[0])
    elif setup.next_check_at is None or setup.next_check_at <= now:
        # No money waits for it: after a month of silence nobody asks any more.
        setup.next_check_at = schedule.next_check_at(now, checks=setup.checks)
        setup.checks += 1
