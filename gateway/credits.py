"""The Credits tab: money the customer has with the business, what is left of it, and where the rest went."""

from flask import Blueprint, render_template

from contracts.billing import CreditPage, ListCredits
from gateway import recent
from gateway.composition import read_page
from gateway.invoice_query import cursor
from gateway.visitor import visitor

pages = Blueprint("credits", __name__)

PAGE_SIZE = 25


@pages.get("/credits")
def show() -> str:
    """A page of the customer's credits, latest first."""
    me = visitor().customer_id
    panels = read_page(
        credits=ListCredits(customer_id=me, cursor=cursor(), limit=PAGE_SIZE, must_include=recent.ids_of(me))
    )
    page: CreditPage = panels.need("credits")
    return render_template(
        "credits/credits.html",
        page=page,
        first=cursor() is None,
        catching_up_minor=recent.catching_up_minor(me, included=page.included),
    )
