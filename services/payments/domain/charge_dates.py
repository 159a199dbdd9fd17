"""When auto-pay charges, tells and tries again: days on the business's wall, and the instants that they mean.

A day is turned into an instant in the business's time zone at the end, so that no change of the clocks moves a charge
to another day or hour. An hour that a spring night leaves out is the one after it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

ChargedWhen = Literal["due", "sent"]

NOTICE_DAYS = 3
"""So long before its charge the customer is told of it; and at the least so long after it was sent it is charged."""

RETRY_DAYS = (3, 7, 14)
"""A soft decline is tried again so many days after the first try."""

MOST_DAYS_LATER = 31
"""How far the customer can move a charge beyond the invoice's due date."""

CARD_NOTICE_DAYS = 30
"""So long before its last day the customer is told that the card expires."""


@dataclass(frozen=True, kw_only=True)
class ChargeRules:
    """The owner's choice of when invoices are charged, on the business's wall."""

    charged_when: ChargedWhen
    time_of_day: time
    time_zone: ZoneInfo

    def instant(self, day: date) -> datetime:
        """The instant in UTC at which a day's charges and notices are due."""
        return datetime.combine(day, self.time_of_day, tzinfo=self.time_zone).astimezone(UTC)

    def date_of(self, instant: datetime) -> date:
        """The date on the business's wall at an instant."""
        return instant.astimezone(self.time_zone).date()

    def charge_on(self, *, due_on: date, sent_on: date) -> date:
        """The day on which an invoice is charged."""
        if self.charged_when == "sent":
            return sent_on
        return max(due_on, sent_on + timedelta(days=NOTICE_DAYS))

    def notice_at(self, charge_on: date) -> datetime | None:
        """When the customer is told of a charge; None where the invoice's own e-mail tells it."""
        return None if self.charged_when == "sent" else self.instant(charge_on - timedelta(days=NOTICE_DAYS))


def opted_in_on(*, due_on: date, today: date) -> date:
    """The day on which an invoice is charged that the customer wants charged after all: told of like any other."""
    return max(due_on, today + timedelta(days=NOTICE_DAYS))


def retry_on(*, first_tried_on: date, today: date) -> date | None:
    """The next day for another try; None when they are used up. Days that passed meanwhile are not made up for."""
    days = (first_tried_on + timedelta(days=days) for days in RETRY_DAYS)
    return next((day for day in days if day > today), None)


def can_move_to(day: date, *, due_on: date, today: date) -> bool:
    """Whether the customer may have a charge on this day."""
    return today < day <= max(due_on, today) + timedelta(days=MOST_DAYS_LATER)


def last_day_of_card(exp_year: int, exp_month: int) -> date:
    """The last day on which a card can be charged: that of its month."""
    first_after = date(exp_year + exp_month // 12, exp_month % 12 + 1, 1)
    return first_after - timedelta(days=1)


def card_notice_on(exp_year: int, exp_month: int) -> date:
    """The day on which the customer is told that the card expires."""
    return last_day_of_card(exp_year, exp_month) - timedelta(days=CARD_NOTICE_DAYS)
