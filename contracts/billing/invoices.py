"""Invoices: what a business and its customers see of them, and what can be done with them."""

from datetime import date, datetime
from typing import Literal

from contracts.imports import RowResult
from contracts.wire import Command, View

InvoiceState = Literal["draft", "sent", "void"]
InvoiceFilter = Literal["all", "open", "past_due", "paid"]
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
    """An invoice whole: what the list shows, its lines, and what was put on it."""

    summary: InvoiceSummary
    lines: list[InvoiceLine]
    allocations: list[AllocationView]
    as_of: date
    memo: str = ""


class InvoicePage(View):
    """A page of invoices. `as_of` is today in the business's time zone."""

    invoices: list[InvoiceSummary]
    as_of: date
    next_cursor: str | None = None


class AmountDue(View):
    """What a customer could pay now, oldest due first. `payable_minor` leaves out what is being paid already.

    The sums are over everything, however many `invoices` are listed. `latest` are the newest visible invoices
    whatever their state, as many as were asked for.
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
    """A customer's visible invoices, newest first."""

    customer_id: str
    filter: InvoiceFilter = "all"
    cursor: str | None = None
    limit: int = 25


class GetInvoice(Command[InvoiceView]):
    """One of the customer's visible invoices; `not_found` for drafts and for anybody else's."""

    customer_id: str
    invoice_id: str


class GetAmountDue(Command[AmountDue]):
    """What the customer could pay now, and beside it the `latest_limit` newest invoices: one call for a page."""

    customer_id: str
    invoice_limit: int = 500
    latest_limit: int = 0
