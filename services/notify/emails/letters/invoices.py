"""The e-mail about an invoice that was sent."""

from contracts.billing import InvoiceLine
from services.notify.domain.facts.invoices import InvoiceFacts
from services.notify.domain.formats import Formats
from services.notify.domain.header_text import one_line
from services.notify.emails import portal_links
from services.notify.emails.business import Business
from services.notify.emails.letter import Letter, LetterKind, Sampling

MOST_LINES = 40
"""Lines of an invoice that are printed; the rest is one click away."""


def invoice_subject(facts: InvoiceFacts, business: Business, formats: Formats) -> str:
    """Number, amount and due date: enough to know what it is about in a full inbox."""
    total, due = formats.money(facts.total_minor, facts.currency), formats.day(facts.due_on)
    return one_line(f"Invoice {facts.number} from {business.name}: {total}, due {due}")


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


def invoice_sample(sampling: Sampling) -> InvoiceFacts:
    """Two mowings and some edging."""
    return InvoiceFacts(
        invoice_id="sample-invoice",
        number="1042",
        currency=sampling.currency,
        total_minor=8450,
        issued_on=sampling.day(0),
        due_on=sampling.day(30),
        lines=[
            InvoiceLine(
                description="Mowing",
                quantity="2",
                unit_price_minor=4000,
                amount_minor=8000,
                serviced_on=sampling.day(-2),
            ),
            InvoiceLine(description="Edging along the drive", unit_price_minor=450, amount_minor=450),
        ],
        memo="Thank you for your business.",
    )


def _line_note(quantity: str, unit_price_minor: int, currency: str, formats: Formats) -> str:
    if quantity in ("1", ""):
        return ""
    return f"{formats.number(quantity)} × {formats.money(unit_price_minor, currency)}"


KINDS = (
    LetterKind(
        kind="invoice_sent",
        facts=InvoiceFacts,
        subject=invoice_subject,
        write=invoice_letter,
        sample=invoice_sample,
    ),
)
