"""billing: invoices, credits, allocations and holds. The authority on open amounts."""

from datetime import date, datetime
from typing import Literal

from contracts.imports import Origin, RowResult
from contracts.wire import Command, Event, View

InvoiceState = Literal["draft", "sent", "void"]
InvoiceFilter = Literal["all", "open", "past_due", "paid"]
CreditKind = Literal["goodwill", "overpayment", "voided_invoice"]
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


class HeldInvoice(View):
    """The part of a payment that is meant for one invoice."""

    invoice_id: str
    number: str
    amount_minor: int


class HoldView(View):
    """What billing has set aside for one payment. Σ invoices + `excess_minor` = `amount_minor`."""

    payment_id: str
    amount_minor: int
    invoices: list[HeldInvoice]
    excess_minor: int = 0


class CreditView(View):
    """Money the business owes the customer: `open_minor` of `amount_minor` is not used yet."""

    credit_id: str
    customer_id: str
    kind: CreditKind
    currency: str
    amount_minor: int
    open_minor: int
    granted_on: date
    reason: str = ""


class OpenAmount(View):
    """What is open on one invoice, above zero."""

    invoice_id: str
    number: str
    customer_id: str
    open_minor: int


class OpenAmountsPage(View):
    """Some open amounts by invoice id; `next_after` leads to the next ones."""

    amounts: list[OpenAmount]
    next_after: str | None = None


class AllocatedPayment(View):
    """A payment that billing has dealt with: `placed_minor` is on invoices, or was, or became a credit."""

    payment_id: str
    customer_id: str
    amount_minor: int
    placed_minor: int


class AllocatedPaymentsPage(View):
    """Some payments by id; `next_after` leads to the next ones."""

    payments: list[AllocatedPayment]
    next_after: str | None = None


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


class HoldInvoices(Command[HoldView]):
    """Set invoices aside for one payment, so that nothing else can pay them meanwhile.

    `invoice_ids` None means all that is open. `amount_minor` was agreed to by the customer: when it is not what is
    open it is refused with `stale_amount`, unless the customer asked for just that: more with `allow_overpayment`,
    less with `allow_partial`, put on the chosen invoices by due date, issue date, number. A part that leaves less
    than `least_rest_minor`, which no card could pay any more, is refused with `amount_too_small`.
    `already_being_paid` when another payment holds one. The same payment again answers the same hold; a released
    payment id is refused with `wrong_state`.
    """

    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
    invoice_ids: list[str] | None = None
    allow_overpayment: bool = False
    allow_partial: bool = False
    least_rest_minor: int = 0


class ReleaseHold(Command[HoldView | None]):
    """Give a payment's invoices free again. Unknown ids leave a tombstone that refuses a late hold."""

    payment_id: str


class ListOpenAmounts(Command[OpenAmountsPage]):
    """For proofs: the open amount of every invoice that is owed, by invoice id after `after`, 1 to 500 a page."""

    after: str = ""
    limit: int = 500


class ListAllocatedPayments(Command[AllocatedPaymentsPage]):
    """For proofs: every payment that billing has dealt with, by payment id after `after`, 1 to 500 a page."""

    after: str = ""
    limit: int = 500


class CreateCredit(Command[CreditView]):
    """Grant a goodwill credit. With auto-apply on it goes to the oldest due invoice at once."""

    key: str
    customer_id: str
    currency: str
    amount_minor: int
    reason: str
    granted_on: date | None = None
    origin: Origin = "portal"


class InvoiceSent(Event):
    """An invoice exists for the customer from now on and is owed. Effective on the day it was sent, an
    imported one on its issue date.
    """

    invoice_id: str
    customer_id: str
    number: str
    currency: str
    total_minor: int
    issued_on: date
    due_on: date
    sent_at: datetime
    effective_on: date
    lines: list[InvoiceLine]
    memo: str
    origin: Origin


class InvoiceVoided(Event):
    """An invoice no longer counts. Listeners that have not seen it sent remember this and ignore a late `sent`."""

    invoice_id: str
    customer_id: str
    number: str
    currency: str
    total_minor: int
    was_sent: bool
    reason: str
    effective_on: date
    origin: Origin


class AllocationFact(View):
    """An allocation as events carry it: amount in minor units, effective on the later of both sides' days."""

    allocation_id: str
    invoice_id: str
    invoice_number: str
    amount_minor: int
    effective_on: date


class PaymentAllocated(Event):
    """A payment was put on invoices; what was left over is the credit `credit_id` of `credit_minor`."""

    payment_id: str
    customer_id: str
    currency: str
    allocations: list[AllocationFact]
    credit_id: str | None
    credit_minor: int
    effective_on: date
    origin: Origin


class CreditCreated(Event):
    """A credit exists. Only kind `goodwill` is new money owed; the others come from a payment or a voided
    invoice (`source_id`) that the ledger has already.
    """

    credit_id: str
    customer_id: str
    kind: CreditKind
    currency: str
    amount_minor: int
    reason: str
    source_id: str | None
    effective_on: date
    origin: Origin


class CreditApplied(Event):
    """Parts of one credit were put on invoices."""

    credit_id: str
    customer_id: str
    currency: str
    allocations: list[AllocationFact]
    origin: Origin


class AllocationsReversed(Event):
    """Allocations on one invoice stopped counting, for example because it was voided. Amounts are what they were."""

    reversal_id: str
    invoice_id: str
    customer_id: str
    currency: str
    allocations: list[AllocationFact]
    reason: str
    effective_on: date
    origin: Origin
