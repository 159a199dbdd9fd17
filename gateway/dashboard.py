"""The dashboard: what is owed, the pay button, credits, auto-pay, what is on its way, and the latest."""

from flask import Blueprint, render_template

from contracts.balance import AccountView, GetAccount
from contracts.billing import AmountDue, GetAmountDue, InvoiceSummary
from contracts.payments import GetAutoPay, ListPayments
from gateway import recent
from gateway.composition import read_page
from gateway.visitor import visitor

pages = Blueprint("dashboard", __name__)

LATEST = 6
"""Rows in each of the two lists."""

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
        ),
        due=GetAmountDue(customer_id=customer_id, invoice_limit=LATE_LISTED, latest_limit=LATEST),
        payments=ListPayments(customer_id=customer_id, limit=LATEST),
        auto_pay=GetAutoPay(customer_id=customer_id),
    )
    account: AccountView | None = panels.get("account")
    if account is not None and account.included:
        recent.settle(customer_id)
        paid_just_now = []
    due: AmountDue | None = panels.get("due")
    payments = panels.get("payments")
    return render_template(
        "dashboard/dashboard.html",
        account=account,
        due=due,
        late=_late(due) if due else [],
        payments=payments,
        auto_pay=panels.get("auto_pay"),
        on_their_way=[payment for payment in payments.payments if not payment.settled] if payments else [],
        catching_up_minor=sum(each.amount_minor for each in paid_just_now),
    )


def _late(due: AmountDue) -> list[InvoiceSummary]:
    """The late invoices, if paying them alone is a choice: all are listed, none is held, and there is more to pay."""
    late = [invoice for invoice in due.invoices if invoice.past_due]
    amount_minor = sum(invoice.open_minor for invoice in late)
    held = any(invoice.processing_minor for invoice in late)
    return late if amount_minor == due.past_due_minor < due.payable_minor and not held else []
