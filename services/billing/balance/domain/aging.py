"""How late what is open is."""

from collections.abc import Iterable
from datetime import date

from contracts.balance import Aging

_LAST_DAYS = (0, 30, 60, 90)


def aged(open_items: Iterable[tuple[date | None, int]], *, as_of: date) -> Aging:
    """Add up open amounts (due date, minor units) by the days since they were due. Due on the day itself is not late.

    What has no due date yet (money that came before its invoice) is not late either.
    """
    sums = [0] * (len(_LAST_DAYS) + 1)
    for due_on, open_minor in open_items:
        late_days = (as_of - due_on).days if due_on else 0
        sums[sum(late_days > last for last in _LAST_DAYS)] += open_minor
    return Aging(
        current_minor=sums[0],
        days_1_30_minor=sums[1],
        days_31_60_minor=sums[2],
        days_61_90_minor=sums[3],
        over_90_minor=sums[4],
    )
