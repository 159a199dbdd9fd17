"""The picture of twelve months: what was charged and paid, as bars of an inline SVG. Numbers only; the look is CSS."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.balance import MonthFigures

SLOT, WIDE, GAP = 100, 34, 4
HIGH = 100
LOWEST_SEEN = 1.5
"""A month's cents beside another's thousands are a line still, not nothing."""


@dataclass(frozen=True)
class Bar:
    """One bar in the units of the picture, which is `width` by `HIGH`; `month` is the row that it stands for."""

    figure: Literal["charged", "paid"]
    month: MonthFigures
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class MonthsChart:
    """The bars, and the largest amount among them in minor units, which is as high as the picture."""

    months: Sequence[MonthFigures]
    bars: list[Bar]
    largest_minor: int

    @property
    def width(self) -> int:
        return SLOT * len(self.months)

    @property
    def high(self) -> int:
        return HIGH

    @property
    def bar_width(self) -> int:
        return WIDE

    @property
    def has_credits(self) -> bool:
        """Whether a goodwill credit was given in any of the months: the table has a column for it then."""
        return any(month.credited_minor for month in self.months)


def months_chart(months: Sequence[MonthFigures]) -> MonthsChart | None:
    """The picture of these months; None where nothing was charged, paid or credited in any of them."""
    if not any(each.charged_minor or each.paid_minor or each.credited_minor for each in months):
        return None
    largest = max(max(each.charged_minor, each.paid_minor) for each in months)
    bars = []
    for place, month in enumerate(months):
        left = place * SLOT + (SLOT - 2 * WIDE - GAP) // 2
        pair: tuple[tuple[Literal["charged", "paid"], int, int], ...] = (
            ("charged", left, month.charged_minor),
            ("paid", left + WIDE + GAP, month.paid_minor),
        )
        for figure, x, amount_minor in pair:
            if amount_minor > 0:
                height = round(max(amount_minor * HIGH / largest, LOWEST_SEEN), 2)
                bars.append(Bar(figure, month, x, round(HIGH - height, 2), height))
    return MonthsChart(months, bars, max(largest, 0))
