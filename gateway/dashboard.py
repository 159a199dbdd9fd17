"""The dashboard: what is owed, the pay button, credits, visits, auto-pay, what is on its way, a year, the latest."""

from flask import Blueprint, render_template

from contracts.balance import AccountView, GetAccount
from contracts.billing import AmountDue, GetAmountDue, InvoiceSummary
from contracts.payments import GetAutoPay, ListPayments
from gateway import recent
from gateway.composition import read_page
from gateway.months_chart import months_chart
from gateway.visitor import visitor

pages = Blueprint("dashboard", __name__)

LATEST = 6
"""Rows in each of the two lists."""

NEXT_VISITS = 2

MONTHS = 12
"""In the picture."""

LATE_LISTED = 20
"""Past-due invoices that "pay past due only" can name; with more of them it leads to the list."""


@pages.get("/")
def show() -> str:
    """Everything in one gather; a panel whose service is away says so."""
    customer_id = visitor().customer_id
    paid_just_now = recent.of_customer(customer_id)
    panels = read_page(
        account=GetAccount(
            customer_id=customer_id,
            must_include=[each.payment_id for each in paid_just_now],
            activity_limit=LATEST,
            months=MONTHS,
        ),
        due=GetAmountDue(
            customer_id=customer_id,
            must_include=recent.ids_of(customer_id),
            invoice_limit=LATE_LISTED,
            latest_limit=LATEST,
            visit_limit=NEXT_VISITS,
        ),
        payments=ListPayments(customer_id=customer_id, limit=LATEST),
        auto_pay=GetAutoPay(customer_id=customer_id),
    )
    account: AccountView | None = panels.get("account")
    due: AmountDue | None = panels.get("due")
    put_just_now_minor = _credits_catching_up(account, due, recent.credits_of(customer_id))
    if account is not None and account.included:
        paid_just_now = []
        if not put_just_now_minor:
            recent.settle(customer_id)
    payments = panels.get("payments")
    return render_template(
        "dashboard/dashboard.html",
        account=account,
        chart=months_chart(account.months) if account else None,
        due=due,
        late=_late(due) if due else [],
        payments=payments,
        auto_pay=panels.get("auto_pay"),
        on_their_way=[payment for payment in payments.payments if not payment.settled] if payments else [],
        catching_up_minor=sum(each.amount_minor for each in paid_just_now),
        credits_catching_up_minor=put_just_now_minor,
    )


def _credits_catching_up(account: AccountView | None, due: AmountDue | None, put_minor: int) -> int:
    """What of the credits put on invoices a moment ago balance does not show yet: it still counts more than billing."""
    if not put_minor or account is None or due is None:
        return put_minor
    return put_minor if account.credits_minor > due.credits_minor else 0


def _late(due: AmountDue) -> list[InvoiceSummary]:
    """The late invoices, if paying them alone is a choice: all are listed, none is held, and there is more to pay."""
    late = [invoice for invoice in due.invoices if invoice.past_due]
    amount_minor = sum(invoice.open_minor for invoice in late)
    held = any(invoice.processing_minor for invoice in late)
    return late if amount_minor == due.past_due_minor < due.payable_minor and not held else []
