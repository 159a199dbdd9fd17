"""What balance answers of periods and reasons: views to answer with, and the answers of the business in memory."""

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from contracts import balance, codes
from contracts.balance import ActivityRow, Aging, FigureRow, FigureView, MonthFigures, StatementView
from contracts.wire import Refused
from tests.support.gateway import ANA, TODAY

if TYPE_CHECKING:
    from tests.support.gateway_business import Business


def a_statement(*rows: ActivityRow, **changes: Any) -> StatementView:
    """This year's statement of an account that began at zero; its sums follow from the rows."""
    charged = sum(row.amount_minor for row in rows if row.amount_minor > 0)
    paid = -sum(row.amount_minor for row in rows if row.amount_minor < 0)
    opening = changes.get("opening_minor", 0)
    due = opening + charged - paid + changes.get("credits_minor", 0)
    values: dict[str, Any] = {
        "customer_id": ANA,
        "currency": "USD",
        "period": "this_year",
        "starts_on": date(2026, 1, 1),
        "ends_on": TODAY,
        "as_of": TODAY,
        "opening_minor": opening,
        "closing_minor": opening + charged - paid,
        "balance_due_minor": due,
        "credits_minor": 0,
        "charged_minor": charged,
        "paid_minor": paid,
        "aging": Aging(current_minor=due, days_1_30_minor=0, days_31_60_minor=0, days_61_90_minor=0, over_90_minor=0),
        "rows": list(rows),
        "applications": [],
        "total_rows": len(rows),
    }
    return StatementView(**(values | changes))


def some_months() -> list[MonthFigures]:
    """A year in which every month charged and paid $84.50, but the last, in which nothing was paid yet."""
    first = [date(2025, month, 1) for month in range(8, 13)] + [date(2026, month, 1) for month in range(1, 7)]
    months = [MonthFigures(month=each, charged_minor=8450, paid_minor=8450) for each in first]
    return [*months, MonthFigures(month=date(2026, 7, 1), charged_minor=8450, paid_minor=0)]


def a_figure(*rows: FigureRow, **changes: Any) -> FigureView:
    values: dict[str, Any] = {
        "customer_id": ANA,
        "figure": "balance_due",
        "currency": "USD",
        "as_of": TODAY,
        "total_minor": sum(row.amount_minor for row in rows),
        "rows": list(rows),
    }
    return FigureView(**(values | changes))


def a_figure_row(**changes: Any) -> FigureRow:
    """$84.50 open on invoice 1042."""
    values: dict[str, Any] = {
        "kind": "invoice",
        "source_id": "invoice-1042",
        "reference": "1042",
        "description": "Mowing",
        "effective_on": date(2026, 6, 26),
        "amount_minor": 8450,
        "due_on": date(2026, 7, 10),
    }
    return FigureRow(**(values | changes))


def statement_of(business: "Business", command: balance.GetStatement) -> StatementView:
    """The business's whole activity as a statement, whatever the period, in pages."""
    if command.starts_on and command.ends_on and command.starts_on > command.ends_on:
        raise Refused(codes.INVALID, "The last day comes before the first one.", field="ends_on")
    rows = list(reversed(business.activity))
    start = int(command.cursor or 0)
    end = start + command.limit
    parts = {
        each.payment_id: [
            balance.AppliedPart(invoice_id=part.invoice_id, invoice_number=part.number, amount_minor=part.amount_minor)
            for part in each.invoices
        ]
        for each in business.payments.values()
    }
    return msgspec.structs.replace(
        a_statement(*rows, period=command.period),
        rows=rows[start:end],
        applications=[
            balance.Application(event_id=row.event_id, parts=parts[row.source_id], left_minor=0)
            for row in rows[start:end]
            if row.kind == "payment"
        ],
        next_cursor=str(end) if len(rows) > end else None,
        included=not (business.balance_is_behind and command.must_include),
    )


def figure_of(business: "Business", command: balance.ExplainFigure) -> FigureView:
    """Open invoices behind what is due, the credit behind the credits, a payment behind each month."""
    credit = a_figure_row(
        kind="credit", source_id="credit-1", reference="", description="Rain", due_on=None, amount_minor=1200
    )
    paid = a_figure_row(kind="payment", source_id="payment-1012", reference="", description="Visa ·· 4242", due_on=None)
    open_items = [
        a_figure_row(
            source_id=each.invoice_id,
            reference=each.number,
            description=each.description,
            effective_on=each.issued_on,
            due_on=each.due_on,
            amount_minor=each.open_minor,
        )
        for each in business.open_invoices()
        if command.figure != "past_due" or each.past_due
    ]
    rows = {"credits": [credit] if business.credits_minor else [], "paid": [paid]}.get(command.figure, open_items)
    return a_figure(*rows, figure=command.figure, month=command.month)
