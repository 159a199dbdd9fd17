"""Invoices and receipts as PDF, at their pages' addresses with .pdf behind. What has no page has no paper."""

from typing import Any

from flask import Blueprint, Response, abort

from chassis.clock import system_clock
from contracts.billing import GetInvoice, InvoiceView
from contracts.payments import GetPayment, PaymentView
from gateway.composition import read_page
from gateway.papers.content import file_name, invoice_paper, receipt_paper
from gateway.papers.printing import print_paper
from gateway.visitor import visitor

pages = Blueprint("papers", __name__)


@pages.get("/invoices/<invoice_id>.pdf")
def invoice(invoice_id: str) -> Response:
    """One invoice; a draft, or somebody else's, is not there (product rule "visible")."""
    panels = read_page(invoice=GetInvoice(customer_id=visitor().customer_id, invoice_id=invoice_id))
    view: InvoiceView = panels.need("invoice")
    return paper("invoice", invoice_paper(view), "invoice", view.summary.number)


@pages.get("/receipts/<payment_id>.pdf")
def receipt(payment_id: str) -> Response:
    """The receipt of a payment that succeeded; there is none for any other."""
    panels = read_page(payment=GetPayment(customer_id=visitor().customer_id, payment_id=payment_id))
    payment: PaymentView = panels.need("payment")
    if payment.state != "succeeded":
        abort(404)
    return paper("receipt", receipt_paper(payment), "receipt", str(payment.received_on or payment.payment_id))


def paper(template: str, data: dict[str, Any], *name: str) -> Response:
    """A PDF that a browser shows, and saves under a name of its own. Raises PaperUnavailable."""
    body = print_paper(template, data, made_at=system_clock.now())
    response = Response(body, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{file_name(*name)}.pdf"'
    return response
