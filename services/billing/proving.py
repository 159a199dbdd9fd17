"""What billing shows to whoever proves the books: what is open, what credit is left and what became of each payment."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts import codes
from contracts.billing import (
    AllocatedPayment,
    AllocatedPaymentsPage,
    ListAllocatedPayments,
    ListOpenAmounts,
    ListOpenCredits,
    OpenAmount,
    OpenAmountsPage,
    OpenCredits,
    OpenCreditsPage,
)
from contracts.wire import Refused
from services.billing.models import IS_OPEN, AllocationRow, CreditRow, InvoiceRow, ReceivedPaymentRow

LARGEST_PAGE = 500


def list_open_amounts(session: Session, command: ListOpenAmounts) -> OpenAmountsPage:
    """A page of the invoices on which something is open."""
    still_open = InvoiceRow.total_minor - InvoiceRow.allocated_minor
    query = (
        select(InvoiceRow.invoice_id, InvoiceRow.number, InvoiceRow.customer_id, still_open)
        .where(IS_OPEN, InvoiceRow.invoice_id > command.after)
        .order_by(InvoiceRow.invoice_id)
        .limit(_checked(command.limit))
    )
    amounts = [
        OpenAmount(invoice_id=invoice_id, number=number, customer_id=customer_id, open_minor=open_minor)
        for invoice_id, number, customer_id, open_minor in session.execute(query)
    ]
    return OpenAmountsPage(
        amounts=amounts, next_after=amounts[-1].invoice_id if len(amounts) == command.limit else None
    )


def list_open_credits(session: Session, command: ListOpenCredits) -> OpenCreditsPage:
    """A page of the customers who have credit left."""
    query = (
        select(CreditRow.customer_id, func.sum(CreditRow.amount_minor - CreditRow.used_minor))
        .where(CreditRow.used_minor < CreditRow.amount_minor, CreditRow.customer_id > command.after)
        .group_by(CreditRow.customer_id)
        .order_by(CreditRow.customer_id)
        .limit(_checked(command.limit))
    )
    credits_left = [
        OpenCredits(customer_id=customer_id, open_minor=int(open_minor))
        for customer_id, open_minor in session.execute(query)
    ]
    return OpenCreditsPage(
        credits=credits_left, next_after=credits_left[-1].customer_id if len(credits_left) == command.limit else None
    )


def list_allocated_payments(session: Session, command: ListAllocatedPayments) -> AllocatedPaymentsPage:
    """A page of the payments that were dealt with, with all that came of each: allocations, reversed ones too,
    and the credit of what was left over.
    """
    query = (
        select(ReceivedPaymentRow.payment_id, ReceivedPaymentRow.customer_id, ReceivedPaymentRow.amount_minor)
        .where(ReceivedPaymentRow.payment_id > command.after)
        .order_by(ReceivedPaymentRow.payment_id)
        .limit(_checked(command.limit))
    )
    rows = session.execute(query).all()
    # A stretch of ids rather than a list of them: the statement stays short, whatever the limit.
    stretch = (command.after, rows[-1].payment_id if rows else "")
    allocated = _sums(session, AllocationRow, AllocationRow.source == "payment", stretch=stretch)
    credited = _sums(session, CreditRow, CreditRow.kind == "overpayment", stretch=stretch)
    payments = [
        AllocatedPayment(
            payment_id=payment_id,
            customer_id=customer_id,
            amount_minor=amount_minor,
            placed_minor=allocated.get(payment_id, 0) + credited.get(payment_id, 0),
        )
        for payment_id, customer_id, amount_minor in rows
    ]
    return AllocatedPaymentsPage(
        payments=payments, next_after=payments[-1].payment_id if len(payments) == command.limit else None
    )


def _sums(session: Session, table: Any, where: Any, *, stretch: tuple[str, str]) -> dict[str, int]:
    """Amounts by source, of sources after the first id of the stretch and up to its last."""
    after, last = stretch
    query = (
        select(table.source_id, func.sum(table.amount_minor))
        .where(where, table.source_id > after, table.source_id <= last)
        .group_by(table.source_id)
    )
    return {source_id: int(amount_minor) for source_id, amount_minor in session.execute(query)}


def _checked(limit: int) -> int:
    if not 1 <= limit <= LARGEST_PAGE:
        raise Refused(codes.INVALID, f"A page has 1 to {LARGEST_PAGE} rows.", field="limit")
    return limit
