"""Rows as the contract's views."""

from datetime import date

import msgspec
from sqlalchemy.orm import Session

from contracts.payments import CardSetupView, CardView, PaidInvoice, PaymentView, ReturnView
from services.payments.domain import declines, setup_states, states
from services.payments.models import CardSetup, Payment, Return, SavedCard


def payment_view(payment: Payment, *, client_secret: str | None = None) -> PaymentView:
    """What a customer may know of a payment; `client_secret` only where the browser must go on with it."""
    declined = payment.state == "failed"
    return PaymentView(
        payment_id=payment.payment_id,
        customer_id=payment.customer_id,
        state=payment.state,
        method=payment.method,
        currency=payment.currency,
        amount_minor=payment.amount_minor,
        excess_minor=payment.excess_minor,
        invoices=paid_invoices(payment),
        created_at=payment.created_at,
        received_on=payment.received_on,
        card_brand=payment.card_brand,
        card_last4=payment.card_last4,
        reference=payment.reference,
        decline=declines.decline(payment.decline_reason or "", payment.decline_code) if declined else None,
        client_secret=client_secret if payment.state == "requires_action" else None,
        settled=payment.state in states.SETTLED,
    )


def paid_invoices(payment: Payment) -> list[PaidInvoice]:
    """The invoices that the payment was put on, or is meant for."""
    return msgspec.convert(payment.invoices, list[PaidInvoice])


def return_view(row: Return) -> ReturnView:
    """What of a payment left again."""
    return ReturnView(
        return_id=row.return_id,
        kind=row.kind,
        state=row.state,
        amount_minor=row.amount_minor,
        effective_on=row.effective_on,
    )


def card_view(card: SavedCard, *, today: date, pays_automatically: bool = False) -> CardView:
    """A saved card as its owner sees it. It is good until the end of the month printed on it."""
    return CardView(
        card_id=card.card_id,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        is_default=card.is_default,
        expired=(card.exp_year, card.exp_month) < (today.year, today.month),
        pays_automatically=pays_automatically,
    )


def card_setup_view(
    session: Session, setup: CardSetup, *, today: date, client_secret: str | None = None
) -> CardSetupView:
    """What a customer may know of the adding of a card; its card is None once that has been removed."""
    card = session.get(SavedCard, setup.card_id) if setup.card_id else None
    declined = setup.state == "failed"
    return CardSetupView(
        setup_id=setup.setup_id,
        customer_id=setup.customer_id,
        state=setup.state,
        card=card_view(card, today=today) if card else None,
        was_saved_before=setup.was_saved_before,
        decline=declines.decline(setup.decline_reason or "", setup.decline_code) if declined else None,
        client_secret=client_secret if setup.state == "requires_action" else None,
        settled=setup.state in setup_states.SETTLED,
    )
