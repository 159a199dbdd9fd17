"""What each paper says: the same as its page, as plain text."""

from typing import Any

from flask import current_app

from chassis.postal import envelope_lines
from contracts.balance import StatementView
from contracts.billing import AllocationView, InvoiceView
from contracts.payments import PaymentView, brand_name
from gateway.colour import WHITE, Colour
from gateway.composition import session_view
from gateway.formats import Formats
from gateway.returned import kept_minor, meaning, title
from gateway.settings import GatewaySettings
from gateway.statement_lines import AGES, PERIODS, lines_of_statement

STATEMENT_HEADING = "Account history / Customer Statement"
_LETTER_TERRITORIES = ("US", "CA", "MX", "CL", "CO", "PH")
"""Where paper is 8½ by 11 inches (CLDR, paperSize); elsewhere it is A4."""

METHODS = {"cash": "Cash", "check": "Check", "bank": "Bank transfer"}

Paper = dict[str, Any]


def invoice_paper(view: InvoiceView) -> Paper:
    """An invoice, as its page shows it."""
    f, invoice = formats(), view.summary
    money = f.money
    put_on_it = [each for each in view.allocations if each.reversed_at is None]
    sums = [("Total", money(invoice.total_minor, invoice.currency))]
    sums += [(_put(each, f), money(-each.amount_minor, invoice.currency)) for each in put_on_it]
    if invoice.processing_minor:
        sums.append(("Processing", money(invoice.processing_minor, invoice.currency)))
    sums.append(("Open" if invoice.open_minor else "Nothing left to pay", money(invoice.open_minor, invoice.currency)))
    return _frame(
        heading=f"Invoice {invoice.number}",
        state=invoice_state(view),
        facts=[
            ("For", _customer()),
            ("Issued", f.written_day(invoice.issued_on)),
            ("Due", f.written_day(invoice.due_on)),
        ],
        lines=[
            {
                "what": line.description,
                "day": f.written_day(line.serviced_on) if line.serviced_on else "",
                "quantity": line.quantity,
                "price": money(line.unit_price_minor, invoice.currency),
                "amount": money(line.amount_minor, invoice.currency),
            }
            for line in view.lines
        ],
        sums=sums,
        memo=view.memo,
    )


def receipt_paper(payment: PaymentView) -> Paper:
    """The receipt of a payment that succeeded, as its page shows it."""
    f = formats()
    total = f.money(payment.amount_minor, payment.currency)
    received = f.written_day(payment.received_on) if payment.received_on else f.written_moment(payment.created_at)
    lines = [
        {"what": f"Invoice {each.number}", "amount": f.money(each.amount_minor, payment.currency)}
        for each in payment.invoices
    ]
    if payment.excess_minor:
        lines.append({"what": "Kept as your credit", "amount": f.money(payment.excess_minor, payment.currency)})
    return _frame(
        heading="Receipt",
        state="Paid",
        total=total,
        facts=[
            ("From", _customer()),
            ("To", _settings().business_name),
            ("Received", received),
            ("Paid with", paid_with(payment)),
            ("Reference", payment.reference or payment.payment_id),
        ],
        lines=lines,
        sums=[("Paid", total)],
        returned=[{"title": title(each, payment.currency, f), "meaning": meaning(each)} for each in payment.returns],
        kept=f.money(kept_minor(payment), payment.currency),
    )


def statement_paper(view: StatementView) -> Paper:
    """A whole statement, as its page shows it."""
    f = formats()

    def money(amount_minor: int) -> str:
        return f.money(amount_minor, view.currency)

    return _frame(
        heading=STATEMENT_HEADING,
        period=f"{f.written_day(view.starts_on)} to {f.written_day(view.ends_on)}",
        facts=[
            ("For", _customer()),
            ("Account", _reference()),
            ("Period", PERIODS[view.period]),
            ("Written", f.written_day(view.as_of)),
        ],
        summary=[
            ("Opening balance", money(view.opening_minor)),
            ("Charges", f.signed_money(view.charged_minor, view.currency)),
            ("Payments, credits and voids", f.signed_money(-view.paid_minor, view.currency)),
            ("Closing balance", money(view.closing_minor)),
        ],
        lines=[
            {
                "day": f.written_day(line.effective_on),
                "what": line.what,
                "detail": line.detail,
                "applied": line.applied,
                "amount": f.signed_money(line.amount_minor, view.currency),
                "balance": money(line.balance_minor),
            }
            for line in lines_of_statement(view, f)
        ],
        nothing="Nothing happened in this period.",
        aging=[(label, money(getattr(view.aging, name))) for name, label in AGES.items()],
        note=f"As of {f.written_day(view.ends_on)}: balance due − credits = account balance, {_equation(view, f)}. "
        "The balance after each entry is what you owed less your credits at that point; below zero, we owed you.",
    )


def file_name(*parts: str) -> str:
    """A name for a download that every system takes: letters, digits and hyphens of what names the paper."""
    name = "-".join(parts).lower()
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name)
    return "-".join(part for part in kept.split("-") if part)[:80] or "paper"


def formats() -> Formats:
    """How this portal writes money and dates."""
    found: Formats = current_app.extensions["porchlight.formats"]
    return found


def invoice_state(view: InvoiceView) -> str:
    """How an invoice stands, in the words of its page."""
    invoice = view.summary
    if invoice.state == "void":
        return "Void"
    if invoice.processing_minor:
        return "Processing"
    if not invoice.open_minor:
        return "Paid"
    if invoice.past_due:
        return "Past due"
    return "Partly paid" if invoice.open_minor < invoice.total_minor else "Open"


def paid_with(payment: PaymentView) -> str:
    """The card or the way a payment was made."""
    if payment.method != "card":
        return METHODS.get(payment.method, "Other")
    return brand_name(payment.card_brand) + (f" ·· {payment.card_last4}" if payment.card_last4 else "")


def _frame(*, heading: str, **content: Any) -> Paper:
    settings = _settings()
    contact = " · ".join(each for each in (settings.business_phone, settings.business_email) if each)
    territory = settings.locale.replace("-", "_").rpartition("_")[2].upper()
    return {
        "title": f"{heading}, {settings.business_name}",
        "heading": heading,
        "lang": "en",
        "paper_size": "us-letter" if territory in _LETTER_TERRITORIES else "a4",
        "business": {
            "name": settings.business_name,
            "lines": [*envelope_lines(settings.business_address), contact],
            "color": str(Colour.parse(settings.accent_color).readable_on(WHITE)),
        },
        **content,
    }


def _put(each: AllocationView, f: Formats) -> str:
    return f"{'Payment' if each.source == 'payment' else 'Credit'}, {f.written_day(each.effective_on)}"


def _equation(view: StatementView, f: Formats) -> str:
    due, credit, total = (
        f.money(amount, view.currency) for amount in (view.balance_due_minor, view.credits_minor, view.closing_minor)
    )
    return f"{due} − {credit} = {total}"


def _settings() -> GatewaySettings:
    found: GatewaySettings = current_app.extensions["porchlight.settings"]
    return found


def _customer() -> str:
    view = session_view()
    return view.name if view else ""


def _reference() -> str:
    view = session_view()
    return view.reference if view else ""
