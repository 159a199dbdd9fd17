"""Visits: when the business comes, what it does there, and the invoice that it became."""

from datetime import date, datetime, time
from typing import Literal

from contracts.billing.states import InvoiceState, VisitState
from contracts.imports import Origin, RowResult
from contracts.wire import Command, Event, View

VisitPeriod = Literal["upcoming", "past"]


class VisitTerms(View):
    """When, what and where. A date and times of day on the business's wall; without a window the visit is some time
    that day. `arrives_from` and `arrives_until` are both given or neither.
    """

    scheduled_on: date
    service: str
    arrives_from: time | None = None
    arrives_until: time | None = None
    address: str = ""
    crew_note: str = ""


class VisitInvoice(View):
    """The invoice that a visit became. To a customer only visible ones are named."""

    invoice_id: str
    number: str
    state: InvoiceState


class VisitView(View):
    """A visit whole. `version` grows with each change, whose instant is `changed_at`.

    `line` is the position, from 0, of the invoice's line that bills it; None: the invoice as a whole does.
    """

    visit_id: str
    customer_id: str
    state: VisitState
    terms: VisitTerms
    version: int
    changed_at: datetime
    reference: str | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    invoice: VisitInvoice | None = None
    line: int | None = None


class LineVisit(View):
    """The visit behind a line of an invoice, by the line's position from 0; None: behind the invoice as a whole."""

    line: int | None
    visit_id: str
    state: VisitState
    scheduled_on: date
    service: str
    arrives_from: time | None = None
    arrives_until: time | None = None
    crew_note: str = ""


class VisitPage(View):
    """A page of visits. `as_of` is today in the business's time zone."""

    visits: list[VisitView]
    as_of: date
    next_cursor: str | None = None


class VisitChanged(Event):
    """A visit was scheduled, or anything of it changed: the whole visit as it is now. Replaces what listeners hold if
    `version` is higher. With origin `import` the business brought it along: history is silent, what is yet to come
    is not history.
    """

    visit_id: str
    customer_id: str
    version: int
    state: VisitState
    scheduled_on: date
    arrives_from: time | None
    arrives_until: time | None
    service: str
    address: str
    crew_note: str
    origin: Origin


class VisitRow(View):
    """One visit to import, known by its `reference`.

    Without a `state` a visit before today was completed and another one is scheduled; one that is there keeps its
    state unless its day is over. `invoice_number` names the invoice that it became, `line` the position from 0 of
    the line that bills it; without a number the visit keeps the invoice that it has.
    """

    row: int
    customer_id: str
    reference: str
    terms: VisitTerms
    state: VisitState | None = None
    invoice_number: str | None = None
    line: int | None = None


class ImportVisits(Command[list[RowResult]]):
    """Create visits by reference, and bring those that are there up to date. At most 500 rows.

    Repeating it changes nothing. Refused by the row: another customer's reference, an invoice that does not exist or
    is another customer's, a completed or cancelled visit that is to be scheduled again. `today` stands in for the
    business's today.
    """

    rows: list[VisitRow]
    today: date | None = None


class ScheduleVisit(Command[VisitView]):
    """Plan a visit, today or later. The `reference`, where there is one, is this visit's alone."""

    key: str
    customer_id: str
    terms: VisitTerms
    reference: str | None = None


class ChangeVisit(Command[VisitView]):
    """Move a scheduled visit or change what is said of it. Repeating it changes nothing."""

    visit_id: str
    terms: VisitTerms


class CompleteVisit(Command[VisitView]):
    """The crew was there, today or before. A `crew_note` replaces the one that the customer reads.

    Repeating it changes nothing.
    """

    visit_id: str
    crew_note: str | None = None


class CancelVisit(Command[VisitView]):
    """A scheduled visit does not take place. Repeating it changes nothing."""

    visit_id: str
    reason: str = ""


class BillVisit(Command[VisitView]):
    """Say which invoice of the same customer bills a visit, and which of its lines. Repeating it changes nothing.

    A visit that a sent invoice bills stays there until that one is void: nobody is billed twice.
    """

    visit_id: str
    invoice_id: str
    line: int | None = None


class ListVisits(Command[VisitPage]):
    """A customer's visits, a page at a time: upcoming ones soonest first, past ones newest first.

    Completed visits are past, of today's the others are upcoming; cancelled ones stand where they would have been.
    """

    customer_id: str
    period: VisitPeriod = "upcoming"
    cursor: str | None = None
    limit: int = 25


class GetVisit(Command[VisitView]):
    """One of the customer's visits; `not_found` for anybody else's."""

    customer_id: str
    visit_id: str


class VisitFeedView(View):
    """A customer's calendar subscription. `token` is the secret in its address; None: it is off."""

    token: str | None
    made_at: datetime | None = None
    read_at: datetime | None = None


class GetVisitFeed(Command[VisitFeedView]):
    """The customer's calendar subscription, as the page about it shows it."""

    customer_id: str


class RenewVisitFeed(Command[VisitFeedView]):
    """Turn the subscription on, or give it a new address in place of `former`, which works no longer.

    Where it is `former` no more, the present one is the answer: a repetition renews nothing twice.
    """

    customer_id: str
    former: str | None = None


class EndVisitFeed(Command[VisitFeedView]):
    """Turn the subscription off. Repeating it changes nothing."""

    customer_id: str


class VisitFeed(View):
    """What a subscribed calendar shows: visits from three months ago on, at most 500, the oldest first."""

    visits: list[VisitView]
    as_of: date


class ReadVisitFeed(Command[VisitFeed]):
    """Read a subscription by its secret alone, as calendar programs do. Refused `not_found`, and `throttled` beyond
    120 reads an hour.
    """

    token: str
