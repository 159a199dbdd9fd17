"""The Payments tab: every payment with where it stands, what it was put on, and its receipt."""

from dataclasses import dataclass

from flask import Blueprint, render_template

from contracts.payments import ListPayments, PaymentPage, PaymentState, PaymentView
from gateway.composition import read_page
from gateway.invoice_query import cursor
from gateway.papers.content import formats
from gateway.returned import gone, kept_minor, title
from gateway.visitor import visitor

pages = Blueprint("payments", __name__)

PAGE_SIZE = 25
MOST_NAMED = 3
"""Invoices that a row names; the receipt has them all."""


@dataclass(frozen=True)
class Standing:
    """A state as its customer should see it: a word and an icon, never colour alone."""

    kind: str
    icon: str
    word: str


_ON_ITS_WAY = Standing("processing", "hourglass-split", "Processing")
STANDINGS: dict[PaymentState, Standing] = {
    "created": _ON_ITS_WAY,
    "submitting": _ON_ITS_WAY,
    "processing": _ON_ITS_WAY,
    "unknown": _ON_ITS_WAY,
    "requires_action": Standing("processing", "shield-check", "Waiting for you"),
    "succeeded": Standing("paid", "check-circle-fill", "Paid"),
    "failed": Standing("late", "x-circle-fill", "Failed"),
    "cancelled": Standing("void", "slash-circle", "Cancelled"),
}
_DISPUTED = Standing("late", "exclamation-triangle", "Disputed")
_REFUNDED = Standing("void", "arrow-return-left", "Refunded")
_REFUNDED_IN_PART = Standing("void", "arrow-return-left", "Refunded in part")
_RESTORED = Standing("paid", "check-circle-fill", "Restored")


@pages.get("/payments")
def show() -> str:
    """A page of the customer's payments, newest first."""
    panels = read_page(
        payments=ListPayments(customer_id=visitor().customer_id, cursor=cursor(), limit=PAGE_SIZE),
    )
    page: PaymentPage = panels.need("payments")
    return render_template(
        "payments/list.html",
        page=page,
        first=cursor() is None,
        standing=standing,
        returned=returned,
        named=MOST_NAMED,
    )


def standing(payment: PaymentView) -> Standing:
    """Where a payment stands, in words for its customer. What left again comes before its having been paid."""
    if payment.state != "succeeded" or not payment.returns:
        return STANDINGS[payment.state]
    left = gone(payment)
    if any(each.kind == "dispute" for each in left):
        return _DISPUTED
    if not left:
        return _RESTORED
    return _REFUNDED_IN_PART if kept_minor(payment) else _REFUNDED


def returned(payment: PaymentView) -> list[str]:
    """What of a payment left again, a line each, newest first."""
    return [title(each, payment.currency, formats()) for each in payment.returns]
