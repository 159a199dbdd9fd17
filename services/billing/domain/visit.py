"""A visit and what may happen to it: scheduled → completed | cancelled."""

from dataclasses import dataclass
from datetime import date, datetime, time

from contracts import codes
from contracts.billing import VisitState, VisitTerms
from contracts.wire import Refused


@dataclass(kw_only=True, slots=True)
class Visit:
    """One visit. Dates and times of day are those of the business's wall; `version` grows with each event about it.

    `line` is the position of the line that bills it, on the invoice that it became.
    """

    visit_id: str
    customer_id: str
    scheduled_on: date
    arrives_from: time | None
    arrives_until: time | None
    service: str
    address: str
    crew_note: str
    created_at: datetime
    changed_at: datetime
    reference: str | None = None
    state: VisitState = "scheduled"
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    invoice_id: str | None = None
    line: int | None = None
    version: int = 0

    @property
    def terms(self) -> VisitTerms:
        """When, what and where."""
        return VisitTerms(
            scheduled_on=self.scheduled_on,
            arrives_from=self.arrives_from,
            arrives_until=self.arrives_until,
            service=self.service,
            address=self.address,
            crew_note=self.crew_note,
        )

    def revise(self, terms: VisitTerms, *, today: date) -> None:
        """Move it, or say something else of it. What is done may be put right; it cannot become something to come."""
        if self.state == "cancelled":
            raise Refused(codes.WRONG_STATE, "This visit was cancelled. Schedule another one.", state=self.state)
        if self.state == "completed" and terms.scheduled_on > today:
            raise Refused(codes.WRONG_STATE, "This visit is done. It cannot be moved to a day to come.")
        self.scheduled_on = terms.scheduled_on
        self.arrives_from = terms.arrives_from
        self.arrives_until = terms.arrives_until
        self.service = terms.service
        self.address = terms.address
        self.crew_note = terms.crew_note

    def complete(self, *, at: datetime, today: date) -> None:
        """The crew was there. Only a scheduled visit whose day has come can be completed."""
        if self.state != "scheduled":
            raise Refused(codes.WRONG_STATE, "Only a scheduled visit can be completed.", state=self.state)
        if self.scheduled_on > today:
            raise Refused(codes.WRONG_STATE, "This visit is still to come. Move it to the day on which it was done.")
        self.state = "completed"
        self.completed_at = at

    def cancel(self, *, at: datetime, reason: str) -> None:
        """It does not take place. Only a scheduled visit can be cancelled."""
        if self.state != "scheduled":
            raise Refused(codes.WRONG_STATE, "Only a scheduled visit can be cancelled.", state=self.state)
        self.state = "cancelled"
        self.cancelled_at = at
        self.cancel_reason = reason

    def bill(self, *, invoice_id: str, line: int | None, is_owed: bool) -> None:
        """Note the invoice that bills it. While one that `is_owed` does, it is billed there and nowhere else."""
        if is_owed and invoice_id != self.invoice_id:
            raise Refused(codes.CONFLICT, "This visit is on an invoice that was sent. Void that one first.")
        self.invoice_id = invoice_id
        self.line = line

    def next_version(self, *, at: datetime) -> int:
        """Count one more event about it, of this instant, and return its version."""
        self.version += 1
        self.changed_at = at
        return self.version
