"""Invoices: what a business and its customers see of them, and what can be done with them.

`must_include` of a question are payments of which the caller knows: the answer waits up to 500 ms until their money is
on invoices, and says in `included` whether it is.
"""

from datetime import date, datetime
from typing import Literal

from contracts.billing.states import InvoiceState
from contracts.billing.visits import LineVisit, VisitView
from contracts.imports import RowResult
from contracts.wire import Command, View

InvoiceFilter = Literal["all", "open", "past_due", "paid"]
InvoiceSort = Literal["newest", "oldest", "due_first", "due_last", "largest", "smallest", "most_open", "least_open"]
AllocationSource = Literal["payment", "credit"]


class InvoiceLine(View):
    """One line. `amount_minor` is what counts; `quantity` is a decimal number as text ("1.5")."""

    description: str
    unit_price_minor: int
    amount_minor: int
    quantity: str = "1"
    serviced_on: date | None = None


class AllocationView(View):
    """Part of a payment or credit put on one invoice, in minor units. `reversed_at` is set once it no longer counts."""

    allocation_id: str
    source: AllocationSource
    source_id: str
    invoice_id: str
    invoice_number: str
    amount_minor: int
    effective_on: date
    reversed_at: datetime | None = None


class InvoiceSummary(View):
    """An invoice in a list. Amounts in minor units of `currency`; `past_due` is as of the page's `as_of`."""

    invoice_id: str
    customer_id: str
    number: str
    state: InvoiceState
    currency: str
    total_minor: int
    open_minor: int
    processing_minor: int
    issued_on: date
    due_on: date
    past_due: bool
    description: str = ""
    sent_at: datetime | None = None
    voided_at: datetime | None = None


class InvoiceView(View):
    """An invoice whole: what the list shows, its lines, what was put on it, and the visits that it bills."""

    summary: InvoiceSummary
    lines: list[InvoiceLine]
    allocations: list[AllocationView]
    as_of: date
    memo: str = ""
    visits: list[LineVisit] = []
    included: bool = True


class InvoicePage(View):
    """A page of invoices. `as_of` is today in the business's time zone."""

    invoices: list[InvoiceSummary]
    as_of: date
    next_cursor: str | None = None
    included: bool = True


class AmountDue(View):
    """What a customer could pay now, oldest due first. `payable_minor` leaves out what is being paid already.

    The sums are over everything, however many `invoices` are listed. `latest` are the newest visible invoices
    whatever their state, as many as were asked for, `next_visits` the next ones that are still to come.
    `credits_minor` is what is left of all credits; with `auto_apply_credits` off it waits for the customer's word. A
    part of what is open may be paid if `allow_partial_payments`, from `minimum_partial_minor` on.
    """

    customer_id: str
    currency: str
    balance_due_minor: int
    past_due_minor: int
    processing_minor: int
    payable_minor: int
    invoices: list[InvoiceSummary]
    as_of: date
    latest: list[InvoiceSummary] = []
    next_visits: list[VisitView] = []
    credits_minor: int = 0
    auto_apply_credits: bool = True
    allow_partial_payments: bool = True
    minimum_partial_minor: int = 0
    included: bool = True


class InvoiceRow(View):
    """One invoice to import. Issued after today it stays a draft, else it is sent with its issue date.

    Without `lines` it gets one line over the total.
    """

    row: int
    customer_id: str
    number: str
    issued_on: date
    due_on: date
    total_minor: int
    description: str = ""
    lines: list[InvoiceLine] = []


class ImportInvoices(Command[list[RowResult]]):
    """Create invoices by number, and advance drafts whose issue date has come. At most 500 rows.

    Repeating it changes nothing. A sent invoice whose amount, dates or customer differ from the row is refused
    with `conflict`; a draft takes the row's values. `today` stands in for the business's today.
    """

    rows: list[InvoiceRow]
    today: date | None = None


class CreateInvoice(Command[InvoiceView]):
    """Write a draft. Without `number` it gets the next of the sequence. Σ lines is the total, above zero."""

    key: str
    customer_id: str
    issued_on: date
    due_on: date
    lines: list[InvoiceLine]
    number: str | None = None
    memo: str = ""


class SendInvoice(Command[InvoiceView]):
    """Make a draft visible and owed. Sending a sent one changes nothing and answers it again."""

    invoice_id: str


class SendInvoices(Command[list[RowResult]]):
    """Send many drafts, at most 500, each for itself: one that is refused does not stop the others."""

    invoice_ids: list[str]


class VoidInvoice(Command[InvoiceView]):
    """Void a draft or sent invoice. What was put on it becomes a credit. Refused while a payment is on its way."""

    invoice_id: str
    reason: str = ""


class FindInvoices(Command[list[InvoiceSummary]]):
    """For the business: invoices by number, drafts too, at most 500."""

    numbers: list[str]


class ListDrafts(Command[InvoicePage]):
    """For the business: what is not sent yet, oldest first."""

    cursor: str | None = None
    limit: int = 200


class ListInvoices(Command[InvoicePage]):
    """A customer's visible invoices: those that the filter leaves and that hold every word of `search`, in order.

    A word is the beginning of the number, or of a word of the description, the lines or the memo, or the total or
    the open amount as people type it ("$84.50", "84.5"). A cursor belongs to the sort that it came with.
    """

    customer_id: str
    filter: InvoiceFilter = "all"
    cursor: str | None = None
    limit: int = 25
    search: str = ""
    sort: InvoiceSort = "newest"
    must_include: list[str] = []


class GetInvoice(Command[InvoiceView]):
    """One of the customer's visible invoices; `not_found` for drafts and for anybody else's."""

    customer_id: str
    invoice_id: str
    must_include: list[str] = []


class GetAmountDue(Command[AmountDue]):
    """What the customer could pay now, and beside it the `latest_limit` newest invoices and the `visit_limit` next
    visits: one call for a page.
    """

    customer_id: str
    invoice_limit: int = 500
    latest_limit: int = 0
    visit_limit: int = 0
    must_include: list[str] = []
