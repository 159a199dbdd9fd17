"""The business's present, and the owner's rules that apply in it."""

from dataclasses import dataclass
from datetime import date, datetime

from services.payments.domain.charge_dates import ChargeRules


@dataclass(frozen=True, kw_only=True)
class Present:
    """`now` and `today` are the business's and can be moved; `system_now` is real time."""

    now: datetime
    today: date
    system_now: datetime
    rules: ChargeRules
    currency: str
