"""Previews of payments and credits put on invoices: views to answer with, and what a small business answers."""

from datetime import date
from typing import Any, Protocol

import msgspec

from contracts import billing, codes
from contracts.billing import AllocationPreview, PreviewedInvoice
from tests.support.gateway import ANA, TODAY


class Owing(Protocol):
    """The part of a business that knows what is owed."""

    invoices: dict[str, billing.InvoiceSummary]
    credits_minor: int
    applied_by_key: dict[str, billing.AppliedCredits]

    def meant(self, invoice_ids: list[str] | None) -> list[billing.InvoiceSummary]:
        """The open invoices among these, or all."""


def a_previewed_invoice(number: str = "1042", **changes: Any) -> PreviewedInvoice:
    """An invoice of $84.50 that is paid whole by card."""
    values: dict[str, Any] = {
        "invoice_id": f"invoice-{number}",
        "number": number,
        "due_on": date(2026, 7, 10),
        "past_due": False,
        "open_minor": 8450,
        "credits_minor": 0,
        "paid_minor": 8450,
        "left_minor": 0,
    }
    return PreviewedInvoice(**(values | changes))


def a_preview(*invoices: PreviewedInvoice, **changes: Any) -> AllocationPreview:
    """What billing says that a payment of these would do."""
    values: dict[str, Any] = {
        "customer_id": ANA,
        "currency": "USD",
        "amount_minor": sum(each.paid_minor for each in invoices),
        "credits_minor": sum(each.credits_minor for each in invoices),
        "open_minor": sum(each.open_minor - each.credits_minor for each in invoices),
        "invoices": list(invoices),
        "excess_minor": 0,
        "excess_applied_minor": 0,
        "as_of": TODAY,
    }
    return AllocationPreview(**(values | changes))


def preview(house: Owing, command: billing.PreviewAllocation) -> AllocationPreview:
    credits = house.credits_minor if command.use_credits else 0
    owed = sum(each.open_minor for each in house.meant(command.invoice_ids))
    left = amount = max(owed - credits, 0) if command.amount_minor is None else command.amount_minor
    rows = []
    for each in house.meant(command.invoice_ids):
        from_credits = min(credits, each.open_minor)
        by_card = min(left, each.open_minor - from_credits)
        credits, left = credits - from_credits, left - by_card
        rows.append(
            a_previewed_invoice(
                each.number,
                due_on=each.due_on,
                past_due=each.past_due,
                open_minor=each.open_minor,
                credits_minor=from_credits,
                paid_minor=by_card,
                left_minor=each.open_minor - from_credits - by_card,
            )
        )
    objection = None
    if 0 < amount < 100:
        objection = billing.Objection(code=codes.AMOUNT_TOO_SMALL, message="Too little.", minimum_minor=100)
    return a_preview(*rows, amount_minor=amount, excess_minor=left, objection=objection)


def apply_credits(house: Owing, command: billing.ApplyCredits) -> billing.AppliedCredits:
    if command.key in house.applied_by_key:
        return house.applied_by_key[command.key]
    left = most = min(command.amount_minor, house.credits_minor)
    for each in house.meant(command.invoice_ids):
        part = min(left, each.open_minor)
        left -= part
        house.invoices[each.invoice_id] = msgspec.structs.replace(
            each, open_minor=each.open_minor - part, past_due=each.past_due and each.open_minor > part
        )
    house.credits_minor -= most - left
    house.applied_by_key[command.key] = billing.AppliedCredits(
        customer_id=command.customer_id,
        currency="USD",
        applied_minor=most - left,
        allocations=[],
        credits_minor=house.credits_minor,
    )
    return house.applied_by_key[command.key]
