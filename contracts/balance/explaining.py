"""Why a figure is what it is: the rows that add up to it."""

from datetime import date
from typing import Literal

from contracts.wire import Command, View

Figure = Literal["balance_due", "past_due", "credits", "account_balance", "charged", "paid", "credited"]
"""The first four are of today, the others of one month."""

FigureRowKind = Literal["invoice", "payment", "credit", "void"]

MOST_FIGURE_ROWS = 200


class FigureRow(View):
    """One row behind a figure, signed as it counts in it, in minor units.

    `effective_on` is the day it happened, of an invoice in a figure of today the day it was charged. `due_on` is set
    for open invoices, `original_minor` where only a part counts: the invoice's total, the payment's amount.
    """

    kind: FigureRowKind
    source_id: str
    reference: str
    description: str
    effective_on: date | None
    amount_minor: int
    due_on: date | None = None
    original_minor: int | None = None


class FigureView(View):
    """A figure and what it is made of: Σ `rows` + `unlisted_minor` = `total_minor`.

    `unlisted` counts the rows beyond `MOST_FIGURE_ROWS`. `month` is its first day, for the figures of a month.
    """

    customer_id: str
    figure: Figure
    currency: str
    as_of: date
    total_minor: int
    rows: list[FigureRow]
    month: date | None = None
    unlisted: int = 0
    unlisted_minor: int = 0
    included: bool = True


class ExplainFigure(Command[FigureView]):
    """The rows behind a figure of today, or with `month` (any day of it) behind one of a month.

    Refused as `invalid` where a month is missing or too much.
    """

    customer_id: str
    figure: Figure
    month: date | None = None
    must_include: list[str] = []
