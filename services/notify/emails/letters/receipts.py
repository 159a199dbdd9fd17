"""The receipt for a payment."""

from contracts.billing import AllocationFact
from contracts.payments import brand_name
from services.notify.domain.facts.receipts import AllocationFacts, PaymentFacts, ReceiptFacts
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.emails import portal_links
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, LetterKind, Sampling

_METHODS = {"cash": "Cash", "check": "Check", "bank": "Bank transfer", "card": "Card", "other": "Other"}


def receipt_subject(facts: ReceiptFacts, business: Business, formats: Formats) -> str:
    """The amount."""
    amount = formats.money(facts.payment.amount_minor, facts.payment.currency)
    if facts.payment.auto_pay:
        return one_line(f"Receipt: auto-pay charged {amount} for {business.name}")
    return one_line(f"Receipt for your payment of {amount} to {business.name}")


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
            "auto_pay": payment.auto_pay,
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


def receipt_sample(sampling: Sampling) -> ReceiptFacts:
    """A card payment that is more than its invoice."""
    return ReceiptFacts(
        payment_id="sample-payment",
        payment=PaymentFacts(
            currency=sampling.currency,
            amount_minor=10_000,
            received_on=sampling.day(0),
            method="card",
            card_brand="visa",
            card_last4="4242",
            reference="",
        ),
        allocation=AllocationFacts(
            allocations=[
                AllocationFact(
                    allocation_id="sample-allocation",
                    invoice_id="sample-invoice",
                    invoice_number="1042",
                    amount_minor=8450,
                    effective_on=sampling.day(0),
                )
            ],
            credit_minor=1550,
        ),
    )


def _method(payment: PaymentFacts) -> str:
    if payment.method == "card" and payment.card_last4:
        return f"{brand_name(payment.card_brand)} ending in {payment.card_last4}"
    return _METHODS[payment.method]


KINDS = (
    LetterKind(
        kind="receipt",
        facts=ReceiptFacts,
        subject=receipt_subject,
        write=receipt_letter,
        sample=receipt_sample,
    ),
)
