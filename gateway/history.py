"""The Account history tab: every charge, payment and credit with the balance after it."""

from flask import Blueprint, render_template

from contracts.balance import ActivityPage, ListActivity
from gateway import recent
from gateway.composition import read_page
from gateway.invoice_query import cursor
from gateway.visitor import visitor

pages = Blueprint("history", __name__)

PAGE_SIZE = 50


@pages.get("/account-history")
def show() -> str:
    """A page of the account history, newest first."""
    me = visitor().customer_id
    paid_just_now = recent.of_customer(me)
    panels = read_page(
        activity=ListActivity(
            customer_id=me,
            cursor=cursor(),
            limit=PAGE_SIZE,
            must_include=[each.payment_id for each in paid_just_now],
        )
    )
    page: ActivityPage = panels.need("activity")
    if page.included:
        recent.settle(me)
        paid_just_now = []
    return render_template(
        "history/history.html",
        page=page,
        first=cursor() is None,
        catching_up_minor=sum(each.amount_minor for each in paid_just_now),
    )
