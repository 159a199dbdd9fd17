"""The dashboard: what is owed, the pay button, credits, what is on its way, and the latest."""

from flask import Blueprint, render_template

from contracts.balance import AccountView, GetAccount
from contracts.billing import GetAmountDue, ListInvoices
from contracts.payments import ListPayments
from gateway import recent
from gateway.bill import past_due_bill, whole_bill
from gateway.composition import read_page
from gateway.visitor import visitor

pages = Blueprint("dashboard", __name__)

LATEST = 6
"""Rows in each of the two lists."""


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
        ),
        due=GetAmountDue(customer_id=customer_id),
        invoices=ListInvoices(customer_id=customer_id, limit=LATEST),
        payments=ListPayments(customer_id=customer_id, limit=LATEST),
    )
    account: AccountView | None = panels.get("account")
    if account is not None and account.included:
        recent.settle(customer_id)
        paid_just_now = []
    due, payments = panels.get("due"), panels.get("payments")
    return render_template(
        "dashboard/dashboard.html",
        account=account,
        bill=whole_bill(due) if due else None,
        late=past_due_bill(due) if due else None,
        invoices=panels.get("invoices"),
        payments=payments,
        on_their_way=[payment for payment in payments.payments if not payment.settled] if payments else [],
        catching_up_minor=sum(each.amount_minor for each in paid_just_now),
    )
