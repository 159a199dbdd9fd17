"""An invoice and what may happen to it: draft → sent → void. Paid and past due follow from its amounts and dates."""

from dataclasses import dataclass
from datetime import date, datetime

from contracts import codes
from contracts.billing import InvoiceState
from contracts.wire import Refused


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Who owes how much and when: what must not change once an invoice is sent. Amounts in minor units."""

    customer_id: str
    total_minor: int
    issued_on: date
    due_on: date


@dataclass(kw_only=True, slots=True)
class Invoice:
    """One invoice. Amounts in minor units of `currency`; `allocated_minor` is the sum of its live allocations.

    `effective_on` is the day from which it is owed: the day it was sent, for an imported one its issue date.
    `version` grows with each event about it.
    """

    invoice_id: str
    customer_id: str
    number: str
    currency: str
    total_minor: int
    issued_on: date
    due_on: date
    created_at: datetime
    description: str = ""
    memo: str = ""
    state: InvoiceState = "draft"
    allocated_minor: int = 0
    effective_on: date | None = None
    sent_at: datetime | None = None
    voided_at: datetime | None = None
    void_reason: str = ""
    version: int = 0

    @property
    def open_minor(self) -> int:
        """What is owed on it: total − live allocations while it is sent, nothing before and after."""
        return self.total_minor - self.allocated_minor if self.state == "sent" else 0

    @property
    def was_sent(self) -> bool:
        """Whether it ever existed for the customer."""
        return self.sent_at is not None

    def is_past_due(self, today: date) -> bool:
        """Whether something is open after the due date. Due today is not past due."""
        return self.open_minor > 0 and self.due_on < today

    @property
    def terms(self) -> Terms:
        """Who owes how much and when."""
        return Terms(
            customer_id=self.customer_id, total_minor=self.total_minor, issued_on=self.issued_on, due_on=self.due_on
        )

    def revise(self, terms: Terms) -> None:
        """Take over other terms. Only a draft may: what the customer has seen stays as it is."""
        if self.state != "draft":
            raise Refused(
                codes.CONFLICT,
                f"Invoice {self.number} was sent with another customer, amount or dates.",
                state=self.state,
            )
        self.customer_id = terms.customer_id
        self.total_minor = terms.total_minor
        self.issued_on = terms.issued_on
        self.due_on = terms.due_on

    def send(self, *, at: datetime, effective_on: date) -> None:
        """Make it exist for the customer and be owed from `effective_on`. Only a draft can be sent."""
        if self.state != "draft":
            raise Refused(codes.WRONG_STATE, "Only a draft can be sent.", state=self.state)
        self.state = "sent"
        self.sent_at = at
        self.effective_on = effective_on

    def void(self, *, at: datetime, reason: str, being_paid: bool) -> None:
        """Let it count no longer. What was put on it is taken back before.

        Refused while a payment on it is on its way: that money could not be put anywhere.
        """
        if self.state == "void":
            raise Refused(codes.WRONG_STATE, "This invoice is void already.")
        if being_paid:
            raise Refused(codes.WRONG_STATE, "A payment for this invoice is on its way. Wait until it is settled.")
        if self.allocated_minor:
            raise ValueError(f"allocations of invoice {self.invoice_id} must be reversed before it is void")
        self.state = "void"
        self.voided_at = at
        self.void_reason = reason

    def put(self, amount_minor: int) -> None:
        """Count part of a payment or credit towards it: above zero, and no more than is open."""
        if not 0 < amount_minor <= self.open_minor:
            raise ValueError(f"cannot put {amount_minor} on invoice {self.invoice_id}: {self.open_minor} is open")
        self.allocated_minor += amount_minor

    def take_back(self, amount_minor: int) -> None:
        """Count an allocation no longer, because it was reversed."""
        if not 0 < amount_minor <= self.allocated_minor:
            raise ValueError(
                f"cannot take {amount_minor} from invoice {self.invoice_id}: {self.allocated_minor} is on it"
            )
        self.allocated_minor -= amount_minor

    def next_version(self) -> int:
        """Count one more event about it and return its version."""
        self.version += 1
        return self.version
