"""Saving a card without paying, from the customer's Submit to an answer."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.database import Database
from chassis.ids import new_id
from contracts import codes
from contracts.payments import MOST_CARDS, AddCard, CancelCardSetup, CardSetupView, ContinueCardSetup
from contracts.wire import Refused
from services.payments.domain import requests, schedule, setup_states
from services.payments.models import CardSetup, Customer, SavedCard
from services.payments.operations import lease, settle_setup, setup_record
from services.payments.operations.tools import Tools
from services.payments.views import card_setup_view

_TURNS_MAX = 3
_FREQUENT = 30
_FREQUENT_WITHIN = timedelta(hours=1)
"""So many cards an account may try an hour: an open form is what stolen numbers are tried out with."""

_INSERTED = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(CardSetup.__table__).on_conflict_do_nothing(
        index_elements=["customer_id", "key"]
    )
    for dialect in (postgresql, sqlite)
}
_OF_KEY = (
    select(CardSetup)
    .where(CardSetup.customer_id == bindparam("customer_id"), CardSetup.key == bindparam("key"))
    .with_for_update()
)


def add_card(tools: Tools, command: AddCard) -> CardSetupView:
    """Have the provider keep the card and answer how that stands; the same key never adds two.

    The same key with the same request answers the setup as it is now, and goes on with it where a crash left it.
    """
    requests.check_card(command)
    setup, is_ours = _claim(tools, command)
    return settle_setup.settle(tools, setup) if is_ours else _look(tools, setup.setup_id)


def continue_card_setup(tools: Tools, command: ContinueCardSetup) -> CardSetupView:
    """Ask the provider how the setup stands, finish it if that can be, and answer."""
    return _look(tools, _own(tools, command.setup_id, command.customer_id).setup_id)


def cancel_card_setup(tools: Tools, command: CancelCardSetup) -> CardSetupView:
    """Cancel a setup that waits for the customer. If the bank was faster, the answer says that the card is saved."""
    return _look(tools, _own(tools, command.setup_id, command.customer_id).setup_id, give_up=True)


def _look(tools: Tools, setup_id: str, *, give_up: bool = False) -> CardSetupView:
    """Settle a setup that another worker may have; then answer what that one makes of it."""
    for _ in range(_TURNS_MAX):
        ours = setup_record.take(tools, setup_id)
        if ours is not None:
            return settle_setup.settle(tools, ours, give_up=give_up)
        setup = lease.once_free(tools, lambda: _load(tools.database, setup_id))
        if setup.state in setup_states.SETTLED:
            break
    with tools.database.read() as session:
        return card_setup_view(session, session.get_one(CardSetup, setup_id), today=tools.business_clock.today(session))


def _claim(tools: Tools, command: AddCard) -> tuple[CardSetup, bool]:
    """Return the setup of this key, stored now if it is new, and whether it is ours to go on with."""
    now = tools.system_clock.now()
    row = _new_row(command) | {
        "created_at": now,
        "leased_until": now + schedule.LEASE,
        "next_check_at": schedule.next_check_at(now, checks=0),
    }
    with tools.database.transaction() as session:
        known = session.scalars(_OF_KEY, _names(command)).one_or_none()
        if known is None:
            _check_limits(session, command.customer_id, since=now - _FREQUENT_WITHIN)
            row["stripe_customer_id"] = session.scalar(
                select(Customer.stripe_customer_id).where(Customer.customer_id == command.customer_id)
            )
            # Two requests with one key at the same time: the second waits here for the first and inserts nothing.
            inserted = session.execute(_INSERTED[session.get_bind().dialect.name], row)
            if inserted.rowcount:  # type: ignore[attr-defined]
                return CardSetup(**row), True
            known = session.scalars(_OF_KEY, _names(command)).one()
        if known.request_hash != row["request_hash"]:
            raise Refused(codes.KEY_REUSED, "This form was already used for another card. Please reload the page.")
        return known, False


def _new_row(command: AddCard) -> dict[str, Any]:
    return {
        "setup_id": new_id(),
        "customer_id": command.customer_id,
        "key": command.key,
        "request_hash": requests.hash_of(command),
        "state": "created",
        "payment_method_id": command.payment_method,
        "was_saved_before": False,
        "checks": 1,
    }


def _names(command: AddCard) -> dict[str, str]:
    return {"customer_id": command.customer_id, "key": command.key}


def _check_limits(session: Session, customer_id: str, *, since: datetime) -> None:
    cards = session.scalar(select(func.count()).select_from(SavedCard).where(SavedCard.customer_id == customer_id))
    if (cards or 0) >= MOST_CARDS:
        message = f"You have saved {MOST_CARDS} cards, which is the most there can be. Remove one first."
        raise Refused(codes.LIMIT_REACHED, message, limit=MOST_CARDS)
    tries = select(func.count()).select_from(CardSetup)
    tries = tries.where(CardSetup.customer_id == customer_id, CardSetup.created_at > since)
    if (session.scalar(tries) or 0) >= _FREQUENT:
        raise Refused(codes.THROTTLED, "Too many cards were tried within an hour.", retry_after_s=3600)


def _own(tools: Tools, setup_id: str, customer_id: str) -> CardSetup:
    setup = _load(tools.database, setup_id)
    if setup.customer_id != customer_id:
        raise _not_there()
    return setup


def _load(database: Database, setup_id: str) -> CardSetup:
    with database.read() as session:
        setup = session.get(CardSetup, setup_id)
    if setup is None:
        raise _not_there()
    return setup


def _not_there() -> Refused:
    return Refused(codes.NOT_FOUND, "There is no such card being added.")
