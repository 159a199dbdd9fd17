"""A credit: money the business owes the customer, from goodwill, an overpayment or a voided invoice."""

from dataclasses import dataclass
from datetime import date, datetime

from contracts.billing import CreditKind
from contracts.imports import Origin


@dataclass(kw_only=True, slots=True)
class Credit:
    """One credit, in minor units of `currency`; `used_minor` is the sum of its allocations.

    What a reversal sets free becomes a new credit, with its own day; this one stays used.

    `source_id` is the payment or the voided invoice that it came from; goodwill has none. `version` grows with each
    event about it.
    """

    credit_id: str
    customer_id: str
    kind: CreditKind
    currency: str
    amount_minor: int
    granted_on: date
    created_at: datetime
    reason: str = ""
    source_id: str | None = None
    origin: Origin = "portal"
    used_minor: int = 0
    version: int = 0

    @property
    def open_minor(self) -> int:
        """What is not used yet."""
        return self.amount_minor - self.used_minor

    def use(self, amount_minor: int) -> None:
        """Put part of it on an invoice: above zero, and no more than is open."""
        if not 0 < amount_minor <= self.open_minor:
            raise ValueError(f"cannot use {amount_minor} of credit {self.credit_id}: {self.open_minor} is open")
        self.used_minor += amount_minor

    def next_version(self) -> int:
        """Count one more event about it and return its version."""
        self.version += 1
        return self.version
