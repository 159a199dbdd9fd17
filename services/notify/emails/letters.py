"""What each e-mail says: its subject, and the values that its templates put into words."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.notify.domain.facts import InvoiceFacts, PaymentFacts, ReceiptFacts
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.emails import portal_links
from services.notify.emails.business import Business

MOST_LINES = 40
"""Lines of an invoice that are printed; the rest is one click away."""

_METHODS = {"cash": "Cash", "check": "Check", "bank": "Bank transfer", "card": "Card", "other": "Other"}


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One e-mail before it is put into a layout. `template` names `<template>.html` and `<template>.txt`."""

    subject: str
    template: str
    values: dict[str, Any] = field(default_factory=dict)


def sign_up_subject(business: Business) -> str:
    """Needs no token: it is shown to staff too."""
    return one_line(f"Your link to sign up with {business.name}")


def reset_subject(business: Business) -> str:
    """The same for a new password."""
    return one_line(f"Your link to choose a new password for {business.name}")


def invoice_subject(facts: InvoiceFacts, business: Business, formats: Formats) -> str:
    """Number, amount and due date: enough to know what it is about in a full inbox."""
    total, due = formats.money(facts.total_minor, facts.currency), formats.day(facts.due_on)
    return one_line(f"Invoice {facts.number} from {business.name}: {total}, due {due}")


def receipt_subject(facts: ReceiptFacts, business: Business, formats: Formats) -> str:
    """The amount."""
    amount = formats.money(facts.payment.amount_minor, facts.payment.currency)
    return one_line(f"Receipt for your payment of {amount} to {business.name}")


def invoice_letter(facts: InvoiceFacts, business: Business, formats: Formats) -> Letter:
    """An invoice was sent."""
    total = formats.money(facts.total_minor, facts.currency)
    due = formats.day(facts.due_on)
    lines = [
        {
            "description": line.description,
            "note": _line_note(line.quantity, line.unit_price_minor, facts.currency, formats),
            "day": formats.day(line.serviced_on) if line.serviced_on else "",
            "amount": formats.money(line.amount_minor, facts.currency),
        }
        for line in facts.lines[:MOST_LINES]
    ]
    return Letter(
        subject=invoice_subject(facts, business, formats),
        template="invoice",
        values={
            "preview": f"{total}, due {due}",
            "number": facts.number,
            "total": total,
            "due": due,
            "issued": formats.day(facts.issued_on),
            "lines": lines,
            "more_lines": max(0, len(facts.lines) - MOST_LINES),
            "memo": facts.memo,
            "pay_url": portal_links.pay_invoice(business.portal_url, facts.invoice_id),
            "invoice_url": portal_links.invoice(business.portal_url, facts.invoice_id),
        },
    )


def receipt_letter(facts: ReceiptFacts, business: Business, formats: Formats) -> Letter:
    """A payment was received and put on invoices."""
    payment, allocation = facts.payment, facts.allocation
    amount = formats.money(payment.amount_minor, payment.currency)
    received = formats.day(payment.received_on)
    return Letter(
        subject=receipt_subject(facts, business, formats),
        template="receipt",
        values={
            "preview": f"{amount}, received {received}",
            "amount": amount,
            "received": received,
            "method": _method(payment),
            "reference": payment.reference,
            "invoices": [
                {"number": part.invoice_number, "amount": formats.money(part.amount_minor, payment.currency)}
                for part in allocation.allocations
            ],
            "credit": formats.money(allocation.credit_minor, payment.currency) if allocation.credit_minor else "",
            "receipt_url": portal_links.receipt(business.portal_url, facts.payment_id),
        },
    )


def sign_up_letter(token: str, expires_at: datetime, business: Business, formats: Formats) -> Letter:
    """A customer signs up."""
    return Letter(
        subject=sign_up_subject(business),
        template="link",
        values={
            "preview": "Choose your password, and you can log in.",
            "heading": "Welcome",
            "intro": "Choose a password, and you can see your invoices and pay them online any time.",
            "button": "Choose a password",
            "url": portal_links.set_password(business.portal_url, token),
            "until": formats.moment(expires_at),
        },
    )


def reset_letter(token: str, expires_at: datetime, business: Business, formats: Formats) -> Letter:
    """A customer wants a new password."""
    return Letter(
        subject=reset_subject(business),
        template="link",
        values={
            "preview": "Choose a new password with this link.",
            "heading": "Choose a new password",
            "intro": "Choose a new password with this link. Until you do, the one you have keeps working.",
            "button": "Choose a new password",
            "url": portal_links.set_password(business.portal_url, token),
            "until": formats.moment(expires_at),
        },
    )


def _line_note(quantity: str, unit_price_minor: int, currency: str, formats: Formats) -> str:
    if quantity in ("1", ""):
        return ""
    return f"{formats.number(quantity)} × {formats.money(unit_price_minor, currency)}"


def _method(payment: PaymentFacts) -> str:
    if payment.method == "card" and payment.card_last4:
        return f"{(payment.card_brand or 'card').replace('_', ' ').title()} ending in {payment.card_last4}"
    return _METHODS[payment.method]
