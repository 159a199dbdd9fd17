"""Turning auto-pay on, changing it and turning it off."""

import msgspec
from sqlalchemy.orm import Session

from chassis.idempotency import once
from contracts import codes
from contracts.imports import Origin
from contracts.payments import AutoPayEnrolled, AutoPayView, CancelAutoPay, ChangeAutoPay, EnrollAutoPay
from contracts.wire import Refused
from services.payments.auto_pay_models import AutoPayAccount
from services.payments.auto_pay_queries import auto_pay_view
from services.payments.domain.minimums import MAXIMUM_CHARGE_MINOR, minimum_charge_minor
from services.payments.domain.present import Present
from services.payments.domain.requests import AUTO_PAY_KEYS, LONGEST_KEY, check_customer
from services.payments.models import SavedCard
from services.payments.operations.auto_pay import accounts, charges, consents, going_on, pausing, paying_card
from services.payments.operations.tools import Tools


def enroll(tools: Tools, command: EnrollAutoPay) -> AutoPayView:
    """Turn auto-pay on, once per key; where it is on, replace card, maximum and consent."""
    check_customer(command.customer_id)
    consents.check_text(command.consent_text, command.consent_version)
    if not 0 < len(command.key) <= LONGEST_KEY // 2:
        raise Refused(codes.INVALID, f"A key has 1 to {LONGEST_KEY // 2} characters.", field="key")
    # The form's key is the customer's own.
    key = f"{AUTO_PAY_KEYS}{command.customer_id}:{command.key}"
    with tools.database.transaction() as session:
        account = accounts.locked(session, command.customer_id)
        present = tools.present(session)
        # From where it is sent is no part of what is asked: a repetition may come over another network.
        asked = msgspec.structs.replace(command, ip_address="", user_agent="")
        return once(session, key, asked, lambda: _enroll(session, account, command, present))


def change(tools: Tools, command: ChangeAutoPay) -> AutoPayView:
    """Give auto-pay this card and this maximum, and let it go on where it was paused."""
    check_customer(command.customer_id)
    with tools.database.transaction() as session:
        account = accounts.locked(session, command.customer_id)
        present = tools.present(session)
        if account.state == "off":
            raise Refused(codes.WRONG_STATE, "Auto-pay is off.", state="off")
        card = paying_card.chosen(
            session, customer_id=command.customer_id, card_id=command.card_id, today=present.today
        )
        _set_maximum(session, account, command.maximum_minor, present.currency)
        going_on.go_on(session, account, card, present)
        consents.keep_again(session, account, command, "changed", card=card, now=present.now)
        return auto_pay_view(session, account.customer_id, present)


def cancel(tools: Tools, command: CancelAutoPay) -> AutoPayView:
    """Turn auto-pay off: nothing more is begun."""
    check_customer(command.customer_id)
    with tools.database.transaction() as session:
        account = accounts.locked(session, command.customer_id)
        present = tools.present(session)
        if account.state != "off":
            consents.keep_again(session, account, command, "cancelled", card=None, now=present.now)
            pausing.end(session, account, present=present)
        return auto_pay_view(session, account.customer_id, present)


def _enroll(session: Session, account: AutoPayAccount, command: EnrollAutoPay, present: Present) -> AutoPayView:
    card = paying_card.chosen(session, customer_id=command.customer_id, card_id=command.card_id, today=present.today)
    _set_maximum(session, account, command.maximum_minor, present.currency)
    was_off = account.state == "off"
    account.includes_balance = command.include_balance or (account.includes_balance and not was_off)
    if was_off:
        account.enrolled_at, account.covers_since = present.now, present.system_now
    going_on.go_on(session, account, card, present)
    balance_minor = going_on.take_in_balance(session, account, present, is_wanted=command.include_balance)
    consent = consents.keep(
        session,
        account,
        command,
        "enrolled" if was_off else "changed",
        text=command.consent_text,
        version=command.consent_version,
        card=card,
        now=present.now,
    )
    account.consent_id = consent.consent_id
    if was_off:
        accounts.record(
            session, account, _enrolled(account, card, present, balance_minor=balance_minor, origin=command.origin)
        )
    return auto_pay_view(session, account.customer_id, present)


def _set_maximum(session: Session, account: AutoPayAccount, maximum_minor: int | None, currency: str) -> None:
    """Take a maximum over. Another one than before is the customer's latest word: a yes above the former is none."""
    before, account.maximum_minor = account.maximum_minor, _checked_maximum(maximum_minor, currency)
    if account.maximum_minor != before:
        for charge in charges.of_customer(session, account.customer_id):
            charge.is_above_maximum_agreed = False


def _enrolled(
    account: AutoPayAccount, card: SavedCard, present: Present, *, balance_minor: int, origin: Origin
) -> AutoPayEnrolled:
    return AutoPayEnrolled(
        customer_id=account.customer_id,
        currency=present.currency,
        card=paying_card.in_event(card),
        maximum_minor=account.maximum_minor,
        includes_balance=account.includes_balance,
        balance_minor=balance_minor,
        enrolled_at=present.now,
        charged_when=present.rules.charged_when,
        origin=origin,
    )


def _checked_maximum(maximum_minor: int | None, currency: str) -> int | None:
    if maximum_minor is None:
        return None
    minimum_minor = minimum_charge_minor(currency)
    if maximum_minor < minimum_minor:
        raise Refused(
            codes.AMOUNT_TOO_SMALL,
            "Nothing so small can be charged to a card.",
            field="maximum_minor",
            minimum_minor=minimum_minor,
        )
    if maximum_minor > MAXIMUM_CHARGE_MINOR:
        raise Refused(codes.INVALID, "This is more than a card can be charged at once.", field="maximum_minor")
    return maximum_minor
