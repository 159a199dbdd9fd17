"""The Invoices tab: the list with its filters, and one invoice."""

from flask import Blueprint, abort, render_template, request

from contracts.billing import GetInvoice, InvoiceFilter, InvoiceView, ListInvoices
from gateway.composition import read_page
from gateway.visitor import visitor

pages = Blueprint("invoices", __name__)

PAGE_SIZE = 25

FILTERS: dict[str, tuple[str, InvoiceFilter]] = {
    "all": ("All", "all"),
    "open": ("Open", "open"),
    "past-due": ("Past due", "past_due"),
    "paid": ("Paid", "paid"),
}
"""What the address says: the tab's name and billing's filter."""

LONGEST_CURSOR = 512


@pages.get("/invoices")
def show_list() -> str:
    """A page of the customer's invoices, newest first."""
    chosen = request.args.get("show", "all")
    if chosen not in FILTERS:
        abort(404)
    me = visitor().customer_id
    panels = read_page(
        invoices=ListInvoices(customer_id=me, filter=FILTERS[chosen][1], cursor=cursor(), limit=PAGE_SIZE)
    )
    return render_template(
        "invoices/list.html", page=panels.need("invoices"), filters=FILTERS, chosen=chosen, first=cursor() is None
    )


@pages.get("/invoices/<invoice_id>")
def show_one(invoice_id: str) -> str:
    """One invoice, whole. A draft, or somebody else's, is not there: 404 (product rule "visible")."""
    panels = read_page(invoice=GetInvoice(customer_id=visitor().customer_id, invoice_id=invoice_id))
    invoice: InvoiceView = panels.need("invoice")
    return render_template(
        "invoices/invoice.html",
        invoice=invoice.summary,
        lines=invoice.lines,
        allocations=[each for each in invoice.allocations if each.reversed_at is None],
        memo=invoice.memo,
        as_of=invoice.as_of,
    )


def cursor() -> str | None:
    """Where the page starts, from the address; None for the newest."""
    text = request.args.get("after")
    if text and len(text) > LONGEST_CURSOR:
        abort(404)
    return text or None
