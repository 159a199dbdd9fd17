"""Bringing the saving of a card to its end at the provider, from wherever it stands. Repeating it is harmless.

The card is kept only by `confirm`, and that comes after the setup's id at the provider is committed: whatever is
killed wherever, what became of it can be read, and no second one is ever made.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import or_, select

from contracts.payments import CardSetupView
from services.payments.clients.provider import DeclineCodes, NewSetup, ProviderRefused, ProviderUncertain, Setup
from services.payments.domain import schedule
from services.payments.models import CardSetup
from services.payments.operations import counterpart, setup_record
from services.payments.operations.setup_record import News
from services.payments.operations.tools import Tools

log = logging.getLogger(__name__)

BATCH = 20
_STEPS_MAX = 6


def settle(tools: Tools, setup: CardSetup, *, give_up: bool = False) -> CardSetupView:
    """Go on with a setup that the caller leases, as far as it gets, and answer how it stands."""
    try:
        news = _finished(tools, setup, give_up=give_up)
    except ProviderUncertain as error:
        log.warning("card setup %s: outcome unknown: %s", setup.setup_id, error)
        news = News(state="unknown")
    except ProviderRefused as refusal:
        log.warning("card setup %s: %s", setup.setup_id, refusal)
        news = News(state="failed", decline=DeclineCodes(code=refusal.code, decline_code=refusal.decline_code))
    return setup_record.record(tools, setup.setup_id, news)


def settle_due(tools: Tools) -> bool:
    """Look at the setups whose time has come, at most `BATCH`; True when there may be more."""
    due = _take_due(tools)
    for setup in due:
        settle(tools, setup)
    return len(due) == BATCH


def _finished(tools: Tools, setup: CardSetup, *, give_up: bool) -> News:
    """Confirm, or cancel what nobody will finish, until the setup rests. Raises as the provider."""
    is_wanted = not give_up and tools.system_clock.now() < setup.created_at + schedule.ABANDONED_AFTER
    if setup.stripe_setup_id is None and not is_wanted:
        # Unconfirmed it keeps nothing, and nobody can confirm it without its id.
        return News(state="cancelled")
    found = _found_or_made(tools, setup)
    for _ in range(_STEPS_MAX):
        match found.status:
            case "succeeded" if found.card is not None:
                return News(state="succeeded", card=found.card)
            case "requires_payment_method":
                return _declined(tools, found)
            case "canceled":
                return News(state="cancelled")
            case "requires_action" if is_wanted:
                return News(state="requires_action", client_secret=found.client_secret)
            case "requires_action" | "requires_confirmation":
                found = _step(tools, setup, found, is_wanted=is_wanted)
            case _:
                raise ProviderUncertain(f"it is {found.status}")
    raise ProviderUncertain(f"the setup does not come to rest, last {found.status}")


def _step(tools: Tools, setup: CardSetup, found: Setup, *, is_wanted: bool) -> Setup:
    try:
        if is_wanted:
            return tools.provider.confirm_setup(found.stripe_setup_id, setup_id=setup.setup_id)
        return tools.provider.cancel_setup(found.stripe_setup_id)
    except ProviderRefused as refusal:
        present = _read(tools, found.stripe_setup_id)
        if present.status == found.status:
            # Nothing has changed, and the provider will not do it: that is the outcome.
            raise
        log.info("card setup %s: %s; it is %s now", setup.setup_id, refusal, present.status)
        return present


def _declined(tools: Tools, found: Setup) -> News:
    # Not the end for Stripe: a browser could confirm it again with another card. Without an answer it stays as it is:
    # nothing would be charged by that, and no card here would come of it.
    with suppress(ProviderRefused, ProviderUncertain):
        tools.provider.cancel_setup(found.stripe_setup_id)
    return News(state="failed", decline=found.decline or DeclineCodes(code="card_declined", decline_code=None))


def _read(tools: Tools, stripe_setup_id: str) -> Setup:
    try:
        return tools.provider.retrieve_setup(stripe_setup_id)
    except ProviderRefused as refusal:
        # It exists, so a refusal to show it says nothing about the card (a changed API key, for example).
        raise ProviderUncertain(str(refusal)) from refusal


def _found_or_made(tools: Tools, setup: CardSetup) -> Setup:
    if setup.stripe_setup_id is not None:
        return _read(tools, setup.stripe_setup_id)
    customer = setup.stripe_customer_id or counterpart.found_or_made(tools, setup.customer_id)
    with tools.database.transaction() as session:
        # Committed before the key is used: the same key must always come with the same values.
        row = setup_record.locked(session, setup.setup_id)
        row.stripe_customer_id = row.stripe_customer_id or counterpart.keep(session, setup.customer_id, customer)
    new = NewSetup(setup_id=row.setup_id, customer=row.stripe_customer_id or "", payment_method=row.payment_method_id)
    made = tools.provider.create_setup(new)
    with tools.database.transaction() as session:
        # Committed before anything is confirmed with it.
        row = setup_record.locked(session, setup.setup_id)
        row.stripe_setup_id = row.stripe_setup_id or made.stripe_setup_id
        row.leased_until = tools.system_clock.now() + schedule.LEASE
    return made


def _take_due(tools: Tools) -> Sequence[CardSetup]:
    now = tools.system_clock.now()
    with tools.database.read() as session:
        if session.execute(select(CardSetup.setup_id).where(CardSetup.next_check_at <= now).limit(1)).first() is None:
            return []
    due = select(CardSetup).where(
        CardSetup.next_check_at <= now, or_(CardSetup.leased_until.is_(None), CardSetup.leased_until <= now)
    )
    with tools.database.transaction() as session:
        setups = session.scalars(due.limit(BATCH).with_for_update(skip_locked=True)).all()
        for setup in setups:
            # Enough for the whole batch: they are worked on one after the other.
            setup.leased_until = now + schedule.LEASE * BATCH
    return setups
