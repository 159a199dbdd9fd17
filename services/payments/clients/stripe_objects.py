"""Stripe's objects as the interface's values."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.payments.clients.provider import Card, DeclineCodes, Intent, ReturnAtProvider, Setup

_WITHDRAWN = frozenset({"needs_response", "under_review", "lost"})
"""Statuses of a dispute in which the bank has the money (https://docs.stripe.com/disputes/how-disputes-work)."""


def intent_from(found: Mapping[str, Any]) -> Intent:
    """Read a PaymentIntent, as an answer holds it or an error."""
    charge = found.get("latest_charge")
    charge = charge if isinstance(charge, Mapping) else {}
    error = found.get("last_payment_error")
    error = error if isinstance(error, Mapping) else {}
    return Intent(
        intent_id=found["id"],
        status=found["status"],
        amount_minor=found["amount"],
        received_minor=found.get("amount_received") or 0,
        payment_id=(found.get("metadata") or {}).get("payment_id"),
        client_secret=found.get("client_secret"),
        decline=_decline(error),
        card=_charged_card(charge) or _card(error.get("payment_method")),
        charged_at=_instant(charge.get("created")),
    )


def setup_from(found: Mapping[str, Any]) -> Setup:
    """Read a SetupIntent, as an answer holds it or an error."""
    error = found.get("last_setup_error")
    error = error if isinstance(error, Mapping) else {}
    return Setup(
        stripe_setup_id=found["id"],
        status=found["status"],
        client_secret=found.get("client_secret"),
        decline=_decline(error),
        card=_card(found.get("payment_method")) or _card(error.get("payment_method")),
    )


def refund_from(found: Mapping[str, Any]) -> ReturnAtProvider:
    """Read a Refund. Stripe takes the amount from the balance when it is made, and gives it back when it fails."""
    failed = found.get("status") in ("failed", "canceled")
    return ReturnAtProvider(
        stripe_id=found["id"],
        kind="refund",
        intent_id=found.get("payment_intent"),
        amount_minor=found["amount"],
        has_left=not failed,
        was_ever_taken=True,
        made_at=datetime.fromtimestamp(int(found["created"]), UTC),
    )


def dispute_from(found: Mapping[str, Any]) -> ReturnAtProvider:
    """Read a Dispute. Inquiries (`warning_…`) move no money; one that is won gives back what was withdrawn."""
    status = found["status"]
    return ReturnAtProvider(
        stripe_id=found["id"],
        kind="dispute",
        intent_id=found.get("payment_intent"),
        amount_minor=found["amount"],
        has_left=status in _WITHDRAWN,
        was_ever_taken=status == "won" or status in _WITHDRAWN,
        made_at=datetime.fromtimestamp(int(found["created"]), UTC),
    )


def _decline(error: Mapping[str, Any]) -> DeclineCodes | None:
    if not error:
        return None
    return DeclineCodes(
        code=error.get("code") or error.get("type") or "card_error", decline_code=error.get("decline_code")
    )


def _charged_card(charge: Mapping[str, Any]) -> Card | None:
    details = charge.get("payment_method_details") or {}
    card, payment_method = details.get("card"), charge.get("payment_method")
    return _from_parts(payment_method, card) if card and payment_method else None


def _card(payment_method: Any) -> Card | None:
    if not isinstance(payment_method, Mapping) or not payment_method.get("card"):
        return None
    return _from_parts(payment_method["id"], payment_method["card"])


def _from_parts(payment_method: str, card: Mapping[str, Any]) -> Card:
    return Card(
        payment_method=payment_method,
        brand=card.get("brand") or "card",
        last4=card.get("last4") or "",
        exp_month=int(card.get("exp_month") or 0),
        exp_year=int(card.get("exp_year") or 0),
        fingerprint=card.get("fingerprint"),
    )


def _instant(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)
