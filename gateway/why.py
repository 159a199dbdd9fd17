"""Why is this my balance? Every number of the dashboard opens the rows that add up to it."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, render_template

from contracts.balance import ExplainFigure, Figure, FigureView
from gateway import recent
from gateway.composition import read_page
from gateway.visitor import visitor

pages = Blueprint("why", __name__)


@dataclass(frozen=True)
class Words:
    """What a figure is called and what it is made of. `sum` names the line under the rows."""

    title: str
    meaning: str
    sum: str
    nothing: str


OF_TODAY: dict[str, tuple[Figure, Words]] = {
    "balance-due": (
        "balance_due",
        Words(
            "Why is this my balance due?",
            "It is what is still open on each invoice that was sent to you. Credits are not taken off here.",
            "Balance Due",
            "No invoice is open: there is nothing to pay.",
        ),
    ),
    "past-due": (
        "past_due",
        Words(
            "Why is this past due?",
            "It is what is still open on invoices whose due date is before today. Due today is not past due.",
            "Past Due",
            "No open invoice is past its due date.",
        ),
    ),
    "credits": (
        "credits",
        Words(
            "Where do my credits come from?",
            "It is money of yours that is on no invoice yet: the rest of payments, credits that you were given, and "
            "what came back from invoices that were voided.",
            "Credits",
            "No money of yours is left over: there are no open credits.",
        ),
    ),
    "account-balance": (
        "account_balance",
        Words(
            "Why is this my account balance?",
            "It is your balance due less your credits. Below zero, we owe you.",
            "Account balance",
            "No invoice is open and no credit is left.",
        ),
    ),
}
OF_A_MONTH: dict[str, tuple[Figure, Words]] = {
    "charged": (
        "charged",
        Words(
            "What was charged",
            "It is every invoice that took effect in the month, less those that were voided in it.",
            "Charged",
            "Nothing was charged in this month.",
        ),
    ),
    "paid": (
        "paid",
        Words(
            "What was paid",
            "It is every payment that we received in the month.",
            "Paid",
            "Nothing was paid in this month.",
        ),
    ),
    "credited": (
        "credited",
        Words(
            "What was credited",
            "It is every credit that you were given in the month.",
            "Credited",
            "No credit was given in this month.",
        ),
    ),
}


@pages.get("/why/<figure>")
def of_today(figure: str) -> str:
    """The rows behind a figure of today."""
    if figure not in OF_TODAY:
        abort(404)
    return _page(*OF_TODAY[figure], None)


@pages.get("/why/<figure>/<month>")
def of_month(figure: str, month: str) -> str:
    """The rows behind a figure of the month `2026-03`."""
    if figure not in OF_A_MONTH:
        abort(404)
    return _page(*OF_A_MONTH[figure], _first_day(month))


def _page(figure: Figure, words: Words, month: date | None) -> str:
    me = visitor().customer_id
    paid_just_now = recent.of_customer(me)
    command = ExplainFigure(
        customer_id=me,
        figure=figure,
        month=month,
        must_include=[each.payment_id for each in paid_just_now],
    )
    view: FigureView = read_page(figure=command).need("figure")
    return render_template(
        "why/why.html",
        view=view,
        words=words,
        catching_up_minor=0 if view.included else sum(each.amount_minor for each in paid_just_now),
    )


def _first_day(month: str) -> date:
    try:
        day = date.fromisoformat(f"{month}-01")
    except ValueError:
        abort(404)
    if f"{day:%Y-%m}" != month:
        abort(404)
    return day
