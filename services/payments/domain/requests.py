"""What a request to pay must look like before anything is stored."""

import hashlib
import re

import msgspec

from contracts import codes
from contracts.payments import AddCard, PayInvoices
from contracts.wire import Refused
from services.payments.domain.minimums import check_chargeable

LONGEST_KEY = 200
MOST_INVOICES = 500
AUTO_PAY_KEYS = "auto-pay:"
"""How the keys of auto-pay's attempts begin; no form's does."""

_PAYMENT_METHOD = re.compile(r"pm_[A-Za-z0-9_]{1,250}")


def check(command: PayInvoices, *, currency: str) -> None:
    """Refuse a request that no state of the world could make right: `invalid` or `amount_too_small`."""
    _check_names(command)
    if command.currency != currency:
        raise Refused(codes.INVALID, f"Payments are made in {currency}.", field="currency")
    check_chargeable(command.amount_minor, currency)
    if (command.payment_method is None) == (command.card_id is None):
        raise Refused(codes.INVALID, "Choose a saved card or enter a new one.", field="card_id")
    if command.payment_method is not None:
        _check_payment_method(command.payment_method)
    if command.invoice_ids is not None and not 0 < len(command.invoice_ids) <= MOST_INVOICES:
        raise Refused(codes.INVALID, f"Choose 1 to {MOST_INVOICES} invoices.", field="invoice_ids")


def check_card(command: AddCard) -> None:
    """Refuse a request to save a card that no state of the world could make right: `invalid`."""
    _check_names(command)
    _check_payment_method(command.payment_method)


def check_customer(customer_id: str) -> None:
    """Refuse what cannot be a customer's id."""
    if not 0 < len(customer_id) <= 36:
        raise Refused(codes.INVALID, "The customer's id is wrong.", field="customer_id")


def _check_names(command: PayInvoices | AddCard) -> None:
    if not 0 < len(command.key) <= LONGEST_KEY:
        raise Refused(codes.INVALID, f"A key has 1 to {LONGEST_KEY} characters.", field="key")
    if command.key.startswith(AUTO_PAY_KEYS):
        raise Refused(codes.INVALID, "Such a key is auto-pay's own.", field="key")
    check_customer(command.customer_id)


def _check_payment_method(payment_method: str) -> None:
    if not _PAYMENT_METHOD.fullmatch(payment_method):
        raise Refused(codes.INVALID, "The card could not be read. Please enter it again.", field="payment_method")


def hash_of(command: PayInvoices | AddCard) -> str:
    """Return a fingerprint that tells a repeated request from another one under the same key."""
    return hashlib.sha256(msgspec.json.encode(command, order="deterministic")).hexdigest()
