"""The e-mails about auto-pay's charges: one that is coming, is not made, or failed. Receipts are apart."""

from contracts.payments import (
    AutoPayChargeFailed,
    AutoPayChargeSkipped,
    AutoPayChargeUpcoming,
    AutoPayPaused,
)
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.emails import portal_links
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, LetterKind, Sampling
from services.notify.emails.letters.auto_pay import SAMPLE_CARD, TEMPLATE, WITHOUT, card_name


def upcoming_subject(facts: AutoPayChargeUpcoming, business: Business, formats: Formats) -> str:
    """Amount and day."""
    amount, day = formats.money(facts.amount_minor, facts.currency), formats.day(facts.charge_on)
    return one_line(f"{business.name} will charge {amount} on {day}")


def upcoming_letter(facts: AutoPayChargeUpcoming, business: Business, formats: Formats) -> Letter:
    """An invoice is charged in a few days."""
    amount, day = formats.money(facts.amount_minor, facts.currency), formats.day(facts.charge_on)
    return Letter(
        subject=upcoming_subject(facts, business, formats),
        template=TEMPLATE,
        values=WITHOUT
        | {
            "preview": f"{amount} on {day}, {card_name(facts.card)}",
            "heading": f"Auto-pay will pay invoice {facts.invoice_number}",
            "amount": amount,
            "amount_note": f"Charged on {day} to your {card_name(facts.card)}",
            "paragraphs": [
                "You don’t need to do anything. We never charge more than this, and less if you pay or get a credit "
                "before that day."
            ],
            "button": "See, move or skip this charge",
            "url": portal_links.billing_info(business.portal_url),
        },
    )


def skipped_subject(facts: AutoPayChargeSkipped, business: Business, formats: Formats) -> str:
    """Which invoice it leaves."""
    return one_line(f"Auto-pay will not charge invoice {facts.invoice_number}: it is above your maximum")


def skipped_letter(facts: AutoPayChargeSkipped, business: Business, formats: Formats) -> Letter:
    """An invoice is above the maximum and is to be paid by hand."""
    amount, due = formats.money(facts.amount_minor, facts.currency), formats.day(facts.due_on)
    maximum = formats.money(facts.maximum_minor, facts.currency)
    return Letter(
        subject=skipped_subject(facts, business, formats),
        template=TEMPLATE,
        values=WITHOUT
        | {
            "preview": f"{amount}, due {due}",
            "heading": f"Invoice {facts.invoice_number} is yours to pay",
            "amount": amount,
            "amount_note": f"Due {due}",
            "paragraphs": [
                f"Auto-pay charges at most {maximum}, so it will not charge this invoice. Pay it yourself, or raise "
                "the maximum under Billing Info and auto-pay will pay it."
            ],
            "button": "Pay this invoice",
            "url": portal_links.pay_invoice(business.portal_url, facts.invoice_id),
        },
    )


def failed_subject(facts: AutoPayChargeFailed, business: Business, formats: Formats) -> str:
    """What did not work."""
    return one_line(f"Your card was not charged for invoice {facts.invoice_number} from {business.name}")


def failed_letter(facts: AutoPayChargeFailed, business: Business, formats: Formats) -> Letter:
    """The first failure, and the way to mend it."""
    amount = formats.money(facts.amount_minor, facts.currency)
    asks_holder = facts.kind == "authenticate"
    pay = portal_links.pay_invoice(business.portal_url, facts.invoice_id)
    return Letter(
        subject=failed_subject(facts, business, formats),
        template=TEMPLATE,
        values=WITHOUT
        | {
            "preview": facts.message,
            "heading": "Your card was not charged",
            "amount": amount,
            "amount_note": f"Invoice {facts.invoice_number}, {card_name(facts.card)}",
            "paragraphs": [facts.message, _what_follows(facts, formats)],
            "button": "Pay this invoice" if asks_holder else "Update your card",
            "url": pay if asks_holder else portal_links.billing_info(business.portal_url),
            "note": "" if asks_holder else "Choose another card and we try again right away.",
        },
    )


def paused_subject(facts: AutoPayPaused, business: Business, formats: Formats) -> str:
    """What is paused."""
    return one_line(f"Auto-pay is paused at {business.name}")


def paused_letter(facts: AutoPayPaused, business: Business, formats: Formats) -> Letter:
    """Nothing is charged until the customer says how to go on."""
    removed = facts.reason == "card_removed"
    tries = "" if removed else " We tried it several times."
    return Letter(
        subject=paused_subject(facts, business, formats),
        template=TEMPLATE,
        values=WITHOUT
        | {
            "preview": "We charge nothing until you choose another card.",
            "heading": "Auto-pay is paused",
            "paragraphs": [
                f"{facts.message}{tries}",
                "We charge nothing until you choose a card. Until then, please pay your invoices yourself.",
            ],
            "rows": [{"label": "Card", "value": card_name(facts.card)}] if facts.card is not None else [],
            "button": "Choose a card",
            "url": portal_links.billing_info(business.portal_url),
            "note": "" if removed else "Choose another card and we try again right away.",
        },
    )


def _what_follows(facts: AutoPayChargeFailed, formats: Formats) -> str:
    if facts.kind == "authenticate":
        return (
            "Your bank wants you to confirm this payment. Auto-pay will not try again: please pay the invoice yourself."
        )
    if facts.retry_on is not None:
        return f"Auto-pay will try the same card again on {formats.day(facts.retry_on)}."
    return "Auto-pay is paused: we charge nothing more until you choose another card."


def upcoming_sample(sampling: Sampling) -> AutoPayChargeUpcoming:
    """In three days."""
    return AutoPayChargeUpcoming(
        customer_id="sample-customer",
        invoice_id="sample-invoice",
        invoice_number="1042",
        currency=sampling.currency,
        amount_minor=8450,
        due_on=sampling.day(3),
        charge_on=sampling.day(3),
        card=SAMPLE_CARD,
    )


def skipped_sample(sampling: Sampling) -> AutoPayChargeSkipped:
    """A new lawn."""
    return AutoPayChargeSkipped(
        customer_id="sample-customer",
        invoice_id="sample-invoice",
        invoice_number="1043",
        currency=sampling.currency,
        amount_minor=126_000,
        due_on=sampling.day(3),
        maximum_minor=50_000,
    )


def failed_sample(sampling: Sampling) -> AutoPayChargeFailed:
    """No money today."""
    return AutoPayChargeFailed(
        customer_id="sample-customer",
        invoice_id="sample-invoice",
        invoice_number="1042",
        payment_id="sample-payment",
        currency=sampling.currency,
        amount_minor=8450,
        card=SAMPLE_CARD,
        kind="soft",
        message="There is not enough money available on the card. Nothing was charged.",
        next_step="Use another card, or pay a smaller amount.",
        retry_on=sampling.day(3),
        is_first=True,
        pauses=False,
    )


def paused_sample(sampling: Sampling) -> AutoPayPaused:
    """After the last try."""
    return AutoPayPaused(
        customer_id="sample-customer",
        reason="declined",
        card=SAMPLE_CARD,
        message="There is not enough money available on the card. Nothing was charged.",
        next_step="Use another card, or pay a smaller amount.",
        paused_at=sampling.now,
        is_told=False,
    )


KINDS = (
    LetterKind(
        kind="auto_pay_upcoming",
        facts=AutoPayChargeUpcoming,
        subject=upcoming_subject,
        write=upcoming_letter,
        sample=upcoming_sample,
    ),
    LetterKind(
        kind="auto_pay_skipped",
        facts=AutoPayChargeSkipped,
        subject=skipped_subject,
        write=skipped_letter,
        sample=skipped_sample,
    ),
    LetterKind(
        kind="auto_pay_failed",
        facts=AutoPayChargeFailed,
        subject=failed_subject,
        write=failed_letter,
        sample=failed_sample,
    ),
    LetterKind(
        kind="auto_pay_paused",
        facts=AutoPayPaused,
        subject=paused_subject,
        write=paused_letter,
        sample=paused_sample,
    ),
)
