"""The e-mails about auto-pay as such: that it was turned on or off, and that its card expires."""

from datetime import timedelta
from typing import Any

from contracts.payments import AutoPayCard, AutoPayCardExpiring, AutoPayEnded, AutoPayEnrolled, brand_name
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.emails import portal_links
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, LetterKind, Sampling

TEMPLATE = "auto_pay"
WITHOUT: dict[str, Any] = {"amount": "", "amount_note": "", "rows": [], "note": ""}
"""What a letter of this template can do without."""

SAMPLE_CARD = AutoPayCard(brand="visa", last4="4242", exp_month=8, exp_year=2028)


def card_name(card: AutoPayCard | None) -> str:
    """A card as its holder knows it."""
    return "your card" if card is None else f"{brand_name(card.brand)} ending in {card.last4}"


def enrolled_subject(facts: AutoPayEnrolled, business: Business, formats: Formats) -> str:
    """What is on now."""
    return one_line(f"Auto-pay is on at {business.name}")


def enrolled_letter(facts: AutoPayEnrolled, business: Business, formats: Formats) -> Letter:
    """What the customer agreed to, in short."""
    due = facts.charged_when == "due"
    when = "when it is due" if due else "when it is sent"
    told = "We tell you three days before each charge." if due else "The invoice’s e-mail tells you."
    most = "Any amount"
    if facts.maximum_minor is not None:
        most = f"Up to {formats.money(facts.maximum_minor, facts.currency)}"
    rows = [("Card", card_name(facts.card)), ("Each invoice", most)]
    if facts.balance_minor:
        rows.append(("Balance charged too", formats.money(facts.balance_minor, facts.currency)))
    return Letter(
        subject=enrolled_subject(facts, business, formats),
        template=TEMPLATE,
        values=WITHOUT
        | {
            "preview": f"{card_name(facts.card)}. Each invoice: {most[0].lower()}{most[1:]}",
            "heading": "Now you are signed up for auto-pay",
            "paragraphs": [f"From now on we charge each new invoice to your card {when}. {told}"],
            "rows": _rows(rows),
            "button": "See coming charges",
            "url": portal_links.billing_info(business.portal_url),
            "note": "You can skip a charge, change the card or turn auto-pay off at any time. "
            "Wasn’t this you? Let us know right away.",
        },
    )


def ended_subject(facts: AutoPayEnded, business: Business, formats: Formats) -> str:
    """What is off now."""
    return one_line(f"Auto-pay is off at {business.name}")


def ended_letter(facts: AutoPayEnded, business: Business, formats: Formats) -> Letter:
    """Nothing is charged by itself any more."""
    return Letter(
        subject=ended_subject(facts, business, formats),
        template=TEMPLATE,
        values=WITHOUT
        | {
            "preview": "We no longer charge your card automatically.",
            "heading": "Auto-pay is off",
            "paragraphs": ["We no longer charge your card automatically. Please pay your invoices yourself."],
            "button": "Open Billing Info",
            "url": portal_links.billing_info(business.portal_url),
            "note": "Wasn’t this you? Let us know right away.",
        },
    )


def expiring_subject(facts: AutoPayCardExpiring, business: Business, formats: Formats) -> str:
    """Which card, and until when."""
    card, last = card_name(facts.card), formats.day(facts.expires_on)
    return one_line(f"Your {card} expires on {last}: auto-pay needs another card")


def expiring_letter(facts: AutoPayCardExpiring, business: Business, formats: Formats) -> Letter:
    """The card is to be replaced in time."""
    last = formats.day(facts.expires_on)
    return Letter(
        subject=expiring_subject(facts, business, formats),
        template=TEMPLATE,
        values=WITHOUT
        | {
            "preview": f"Auto-pay can use it until {last}.",
            "heading": "Your card is about to expire",
            "paragraphs": [
                f"Auto-pay can use your {card_name(facts.card)} until {last}. Add another card, or the same one with "
                "its new date, so that no invoice is missed."
            ],
            "button": "Update your card",
            "url": portal_links.billing_info(business.portal_url),
        },
    )


def _rows(rows: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in rows]


def enrolled_sample(sampling: Sampling) -> AutoPayEnrolled:
    """With a maximum, and the present balance too."""
    return AutoPayEnrolled(
        customer_id="sample-customer",
        currency=sampling.currency,
        card=SAMPLE_CARD,
        maximum_minor=50_000,
        includes_balance=True,
        balance_minor=26_700,
        enrolled_at=sampling.now,
        charged_when="due",
    )


def ended_sample(sampling: Sampling) -> AutoPayEnded:
    """A moment ago."""
    return AutoPayEnded(customer_id="sample-customer", ended_at=sampling.now - timedelta(minutes=1))


def expiring_sample(sampling: Sampling) -> AutoPayCardExpiring:
    """In a month."""
    return AutoPayCardExpiring(customer_id="sample-customer", card=SAMPLE_CARD, expires_on=sampling.day(30))


KINDS = (
    LetterKind(
        kind="auto_pay_enrolled",
        facts=AutoPayEnrolled,
        subject=enrolled_subject,
        write=enrolled_letter,
        sample=enrolled_sample,
    ),
    LetterKind(
        kind="auto_pay_ended", facts=AutoPayEnded, subject=ended_subject, write=ended_letter, sample=ended_sample
    ),
    LetterKind(
        kind="card_expiring",
        facts=AutoPayCardExpiring,
        subject=expiring_subject,
        write=expiring_letter,
        sample=expiring_sample,
    ),
)
