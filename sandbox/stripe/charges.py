"""Charges: each attempt to take the money of a payment intent."""

from sandbox.documents import Document
from sandbox.stripe import cards
from sandbox.stripe.call import Call, operation
from sandbox.stripe.cards import Decline
from sandbox.stripe.ids import new_id
from sandbox.stripe.params import EXPAND

RISK_SCORE = 12


@operation("GET", "/v1/charges/<charge>", {"expand": EXPAND})
def retrieve(call: Call, charge: str) -> Document:
    """The charge."""
    return call.find("charge", charge, param="id")


def made(call: Call, intent: Document, method: Document, *, declined: Decline | None, authenticated: bool) -> Document:
    """A new charge for the whole amount of the intent, succeeded unless `declined`."""
    captured = 0 if declined else intent["amount"]
    charge: Document = {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": captured,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": intent["statement_descriptor"] or "SANDBOX",
        "captured": declined is None,
        "created": call.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "destination": None,
        "dispute": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": declined.code if declined else None,
        "failure_message": declined.message if declined else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "order": None,
        "outcome": _outcome(declined),
        "paid": declined is None,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(intent, method, authenticated=authenticated),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if declined else "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }
    call.save(charge)
    call.emit("charge.failed" if declined else "charge.succeeded", charge)
    return charge


def _outcome(declined: Decline | None) -> Document:
    if declined is None:
        return {
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": RISK_SCORE,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "network_status": "declined_by_network",
        "reason": declined.decline_code or declined.code,
        "risk_level": "normal",
        "risk_score": RISK_SCORE,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }


def _details(intent: Document, method: Document, *, authenticated: bool) -> Document:
    card = method["card"]
    return {
        "card": {
            "amount_authorized": intent["amount"],
            "brand": card["brand"],
            "checks": card["checks"],
            "country": card["country"],
            "exp_month": card["exp_month"],
            "exp_year": card["exp_year"],
            "fingerprint": cards.CARDS[method["_card"]].fingerprint,
            "funding": card["funding"],
            "installments": None,
            "last4": card["last4"],
            "mandate": None,
            "network": card["brand"],
            "network_token": {"used": False},
            "three_d_secure": _three_d_secure() if authenticated else None,
            "wallet": None,
        },
        "type": "card",
    }


def _three_d_secure() -> Document:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": new_id("tds"),
        "version": "2.2.0",
    }
