"""What a message about a visit states."""

from datetime import date, time
from typing import Literal

import msgspec

from contracts.billing import VisitChanged

VisitNews = Literal["reminder", "moved", "cancelled"]


class When(msgspec.Struct, frozen=True, kw_only=True):
    """When the crew comes: what a customer who was told has to be told anew if it changes."""

    scheduled_on: date
    arrives_from: time | None
    arrives_until: time | None


class VisitFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A visit, and what there is to say of it. `former` is what was said before, of one that was moved."""

    visit_id: str
    when: When
    service: str
    address: str
    crew_note: str
    news: VisitNews = "reminder"
    former: When | None = None

    @classmethod
    def of(cls, event: VisitChanged) -> "VisitFacts":
        """The visit as an event tells it."""
        return cls(
            visit_id=event.visit_id,
            when=When(
                scheduled_on=event.scheduled_on, arrives_from=event.arrives_from, arrives_until=event.arrives_until
            ),
            service=event.service,
            address=event.address,
            crew_note=event.crew_note,
        )
