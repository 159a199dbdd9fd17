"""The Invoices tab: the list, filtered, searched, sorted and ticked, and one invoice."""

import msgspec
from flask import Blueprint, render_template

from contracts.billing import GetInvoice, InvoicePage, InvoiceView
from gateway import recent
from gateway.choice import MOST_CHOSEN
from gateway.composition import read_page
from gateway.invoice_query import FILTERS, LONGEST_SEARCH, SORTS, InvoiceQuery
from gateway.visitor import visitor

pages = Blueprint("invoices", __name__)

PAGE_SIZE = 25


@pages.get("/invoices")
def show_list() -> str:
    """A page of the customer's invoices. Ticks travel in the address, so that they outlast pages without scripts."""
    me = visitor().customer_id
    query = InvoiceQuery.of_request()
    if query.problem:
        read_page()
        page = None
    else:
        command = msgspec.structs.replace(query.command(me, PAGE_SIZE), must_include=recent.ids_of(me))
        page = read_page(invoices=command).need("invoices")
    return render_template(
        "invoices/list.html",
        page=page,
        query=query,
        filters=FILTERS,
        sorts=SORTS,
        elsewhere=_elsewhere(page, query),
        most_chosen=MOST_CHOSEN,
        longest_search=LONGEST_SEARCH,
        catching_up_minor=recent.catching_up_minor(me, included=page.included) if page else 0,
    )


@pages.get("/invoices/<invoice_id>")
def show_one(invoice_id: str) -> str:
    """One invoice, whole. A draft, or somebody else's, is not there: 404 (product rule "visible")."""
    me = visitor().customer_id
    panels = read_page(invoice=GetInvoice(customer_id=me, invoice_id=invoice_id, must_include=recent.ids_of(me)))
    invoice: InvoiceView = panels.need("invoice")
    return render_template(
        "invoices/invoice.html",
        invoice=invoice.summary,
        lines=invoice.lines,
        visits=invoice.visits,
        allocations=[each for each in invoice.allocations if each.reversed_at is None],
        given_back_minor=_given_back_minor(invoice),
        memo=invoice.memo,
        as_of=invoice.as_of,
        catching_up_minor=recent.catching_up_minor(me, included=invoice.included),
    )


def _given_back_minor(invoice: InvoiceView) -> int:
    """What voiding the invoice made a credit of: what was taken off it at that moment, and not before."""
    voided_at = invoice.summary.voided_at
    return sum(each.amount_minor for each in invoice.allocations if voided_at and each.reversed_at == voided_at)


def _elsewhere(page: InvoicePage | None, query: InvoiceQuery) -> list[str]:
    """The ticked invoices that this page does not list."""
    listed = {invoice.invoice_id for invoice in page.invoices} if page else set()
    return [each for each in query.ticked if each not in listed]
