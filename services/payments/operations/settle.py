"""Bringing a payment to its end at the provider, from wherever it stands. Repeating it is harmless.

Money can move only by `confirm`, and that comes after the intent's id is committed. So whatever is killed
wherever: a payment without an intent's id has charged nothing, and one with it can be read.
"""

import logging
from dataclasses import replace
from datetime import date

from sqlalchemy import Executable, bindparam, func, update
from sqlalchemy.orm import Session

from contracts.payments import PaymentView
from services.payments.clients.provider import (
    DeclineCodes,
    Intent,
    NewIntent,
    ProviderRefused,
    ProviderUncertain,
)
from services.payments.domain import schedule, states
from services.payments.models import Payment
from services.payments.operations import cards, lease, submit, transition
from services.payments.operations.tools import Tools
from services.payments.views import payment_view

log = logging.getLogger(__name__)

_STEPS_MAX = 6
_TURNS_MAX = 3
_NOBODY_TO_ASK = DeclineCodes(code="authentication_required", decline_code="authentication_required")
_CLOCKS_DIFFER_BY = schedule.FIRST_CHECKS[0]


def _noting(**values: object) -> Executable:
    return (
        update(Payment)
        .where(Payment.payment_id == bindparam("of_payment"))
        .values(leased_until=bindparam("lease_end"), **values)
        .returning(Payment)
        .execution_options(synchronize_session=False)
    )


# Built once: how a statement compiles is remembered with it.
_STORE_INTENT = _noting(stripe_intent_id=func.coalesce(Payment.stripe_intent_id, bindparam("intent_id")))
_NOTE_DECLINE = _noting(decline_reason=bindparam("reason"), decline_code=bindparam("code"))


def settle(tools: Tools, payment: Payment, *, give_up: bool = False) -> PaymentView:
    """Go on with a submitted payment that the caller leases, as far as it gets, and answer how it stands.

    `give_up`: the customer does not want it any more; what waits for the customer is cancelled.
    """
    intent: Intent | None = None
    try:
        payment, intent = _with_intent(tools, payment)
        if intent is not None:
            payment, intent = _finish(tools, payment, intent, give_up=give_up)
        news = _news(payment, intent)
    except ProviderUncertain as error:
        log.warning("payment %s: outcome unknown: %s", payment.payment_id, error)
        news = transition.News(state="unknown")
    except NoIntentMade as refusal:
        log.warning("payment %s: %s", payment.payment_id, refusal)
        news = transition.News(state="failed", decline=refusal.decline)
    return _record(tools, payment.payment_id, news, intent)


def look_again(tools: Tools, payment: Payment, *, give_up: bool = False) -> PaymentView:
    """Settle a payment that may belong to another worker; then answer what that one makes of it.

    Where it still waits for the customer after that, it is looked at once more: the browser needs the client_secret,
    which the other worker did not leave behind, and a wish to give up has not been heard yet.
    """
    for _ in range(_TURNS_MAX):
        ours = lease.take(tools, payment.payment_id)
        if ours is not None:
            return settle(tools, ours, give_up=give_up)
        payment = lease.wait_for_other(tools, payment.payment_id)
        if payment.state != "requires_action":
            break
    return payment_view(payment)


class NoIntentMade(Exception):
    """The provider refused to make the intent: there is none, and nothing was charged."""

    def __init__(self, refusal: ProviderRefused) -> None:
        super().__init__(str(refusal))
        self.decline = DeclineCodes(code=refusal.code, decline_code=refusal.decline_code)


def _with_intent(tools: Tools, payment: Payment) -> tuple[Payment, Intent | None]:
    """The payment's intent: read, or made and its id committed; None where there is none and shall be none."""
    if payment.stripe_intent_id is not None:
        return payment, _read(tools, payment.stripe_intent_id)
    try:
        intent = _make(tools, payment) if _is_young(tools, payment) else _find(tools, payment)
    except ProviderRefused as refusal:
        raise NoIntentMade(refusal) from refusal
    if intent is None:
        return payment, None
    # Committed before anything is confirmed with it.
    return _update(tools, payment, _STORE_INTENT, intent_id=intent.intent_id), intent


def _make(tools: Tools, payment: Payment) -> Intent:
    """Make the intent, or get the one that the same key made before. Raises ProviderRefused."""
    try:
        return tools.provider.create_intent(_new_intent(payment))
    except ProviderUncertain:
        # Stripe repeats a stored failure for a key, so that a second try would never get further than the first.
        found = _find(tools, payment) if payment.state == "unknown" else None
        if found is None:
            raise
        return found


def _find(tools: Tools, payment: Payment) -> Intent | None:
    since = payment.created_at - _CLOCKS_DIFFER_BY
    customer = payment.stripe_customer_id or ""
    try:
        return tools.provider.find_intent(payment.payment_id, customer=customer, since=since)
    except ProviderRefused as refusal:
        raise ProviderUncertain(str(refusal)) from refusal


def _read(tools: Tools, intent_id: str) -> Intent:
    try:
        return tools.provider.retrieve_intent(intent_id)
    except ProviderRefused as refusal:
        # It exists, so a refusal to show it says nothing about the money (a changed API key, for example).
        raise ProviderUncertain(str(refusal)) from refusal


def _new_intent(payment: Payment) -> NewIntent:
    numbers = ", ".join(str(invoice["number"]) for invoice in payment.invoices)
    return NewIntent(
        payment_id=payment.payment_id,
        customer=payment.stripe_customer_id or "",
        payment_method=payment.payment_method_id or "",
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        # Stripe takes 1,000 characters.
        description=f"Invoices {numbers}"[:500] if numbers else "Payment on account",
        save_card=payment.save_card,
    )


def _finish(tools: Tools, payment: Payment, intent: Intent, *, give_up: bool) -> tuple[Payment, Intent]:
    """Confirm, or cancel what nobody will finish, until the intent rests; each step asks what is true now."""
    for _ in range(_STEPS_MAX):
        try:
            match intent.status:
                case "requires_confirmation" if _may_confirm(tools, payment, give_up=give_up):
                    payment, intent = _confirm(tools, payment, intent)
                case "requires_confirmation" | "requires_capture":
                    intent = tools.provider.cancel_intent(intent.intent_id)
                case "requires_payment_method":
                    # Declined is not the end for Stripe: it could be confirmed again with another card.
                    payment = _remember_decline(tools, payment, intent.decline)
                    intent = tools.provider.cancel_intent(intent.intent_id)
                case "requires_action" if payment.is_auto_pay:
                    # Its holder is not here to answer the bank.
                    payment = _remember_decline(tools, payment, _NOBODY_TO_ASK)
                    intent = tools.provider.cancel_intent(intent.intent_id)
                case "requires_action" if give_up or _is_abandoned(tools, payment):
                    intent = tools.provider.cancel_intent(intent.intent_id)
                case _:
                    return payment, intent
        except ProviderRefused as refusal:
            log.info("payment %s: %s; looking at what is true now", payment.payment_id, refusal)
            intent = _read(tools, intent.intent_id)
    raise ProviderUncertain(f"the intent does not come to rest, last {intent.status}")


def _confirm(tools: Tools, payment: Payment, intent: Intent) -> tuple[Payment, Intent]:
    try:
        confirmed = tools.provider.confirm_intent(
            intent.intent_id, payment_id=payment.payment_id, off_session=payment.is_auto_pay
        )
        return payment, confirmed
    except ProviderRefused as refusal:
        present = _read(tools, intent.intent_id)
        if present.status == "requires_confirmation":
            log.warning("payment %s cannot be confirmed: %s", payment.payment_id, refusal)
            # With a reason noted it is cancelled in the next step instead of confirmed again.
            codes = DeclineCodes(code=refusal.code, decline_code=refusal.decline_code)
            payment = _remember_decline(tools, payment, codes)
        return payment, present


def _may_confirm(tools: Tools, payment: Payment, *, give_up: bool) -> bool:
    # Declined or ended meanwhile by another worker: then this intent must not be charged any more.
    is_wanted = payment.state not in states.SETTLED and payment.decline_reason is None and not give_up
    return is_wanted and _is_young(tools, payment)


def _remember_decline(tools: Tools, payment: Payment, decline: DeclineCodes | None) -> Payment:
    # Committed before the cancellation, after which Stripe may not tell the reason any more.
    if decline is None or payment.decline_reason is not None:
        return payment
    return _update(tools, payment, _NOTE_DECLINE, reason=decline.code, code=decline.decline_code)


def _update(tools: Tools, payment: Payment, statement: Executable, **values: object) -> Payment:
    """Commit facts about a payment and the lease for the next call; return it as it is now."""
    names = {"of_payment": payment.payment_id, "lease_end": tools.system_clock.now() + schedule.LEASE, **values}
    with tools.database.transaction() as session:
        updated: Payment = session.execute(statement, names).scalar_one()
        return updated


def _is_young(tools: Tools, payment: Payment) -> bool:
    return tools.system_clock.now() < payment.created_at + schedule.FINISH_WITHIN


def _is_abandoned(tools: Tools, payment: Payment) -> bool:
    return tools.system_clock.now() >= payment.created_at + schedule.ABANDONED_AFTER


def _news(payment: Payment, intent: Intent | None) -> transition.News:
    if intent is None:
        return transition.News(state="cancelled")
    match intent.status:
        case "succeeded":
            return transition.News(state="succeeded", received_minor=intent.received_minor, card=intent.card)
        case "canceled":
            decline = intent.decline
            if payment.decline_reason is not None:
                decline = DeclineCodes(code=payment.decline_reason, decline_code=payment.decline_code)
            return transition.News(state="failed" if decline else "cancelled", decline=decline, card=intent.card)
        case "requires_action" | "processing":
            return transition.News(state=intent.status, card=intent.card)
    raise ProviderUncertain(f"the intent rests in {intent.status}")


def _record(tools: Tools, payment_id: str, news: transition.News, intent: Intent | None) -> PaymentView:
    now = tools.system_clock.now()
    with tools.database.transaction() as session:
        payment = transition.locked(session, payment_id)
        if news.state == "succeeded":
            news = replace(news, received_on=_received_on(tools, session, intent))
        moved = transition.apply(session, payment, news, now=now)
        if moved and payment.state == "succeeded" and payment.save_card and news.card is not None:
            cards.save(session, payment.customer_id, news.card, now=now)
    if moved and payment.state in ("failed", "cancelled"):
        # The event frees the invoices as well; at once, the customer can try another card.
        submit.release(tools, payment_id)
    return payment_view(payment, client_secret=intent.client_secret if intent else None)


def _received_on(tools: Tools, session: Session, intent: Intent | None) -> date:
    charged_at = intent.charged_at if intent else None
    clock = tools.business_clock
    return clock.date_of(clock.state(session).now(charged_at or tools.system_clock.now()))
