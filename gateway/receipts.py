"""A payment as its customer sees it: the receipt, or where it stands."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from contracts.payments import GetPayment, PaymentView
from gateway.composition import read_page
from gateway.papers.content import formats
from gateway.returned import kept_minor, meaning, title
from gateway.visitor import visitor

pages = Blueprint("receipts", __name__)

_TEMPLATES = {
    "succeeded": "receipts/receipt.html",
    "failed": "receipts/failed.html",
    "cancelled": "receipts/cancelled.html",
}
_ON_ITS_WAY = "receipts/processing.html"


@pages.get("/receipts/<payment_id>")
def show(payment_id: str) -> ResponseReturnValue:
    """The receipt of a payment that succeeded; for any other, where it stands and what to do."""
    panels = read_page(payment=GetPayment(customer_id=visitor().customer_id, payment_id=payment_id))
    payment: PaymentView = panels.need("payment")
    if payment.state == "requires_action":
        return redirect(url_for("pay.confirm", payment_id=payment.payment_id), 303)
    return render_template(
        _TEMPLATES.get(payment.state, _ON_ITS_WAY),
        payment=payment,
        returned=[(each, title(each, payment.currency, formats()), meaning(each)) for each in payment.returns],
        kept_minor=kept_minor(payment),
    )
