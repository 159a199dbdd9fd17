"""The states of an invoice's charge, and the one way from each to the next.

scheduled ──> charging ──> paid
   │  ▲          └──> retrying ──> charging …     soft declines, on days 3, 7 and 14
   │  │          └──> declined                    hard, or the days are used up: auto-pay pauses
   │  │          └──> needs_customer              the bank asks the card's holder
   │  └── the customer: unskip, opt in, another card
   └──> skipped | above_maximum | below_minimum | left | settled | void
"""

from contracts.payments import ChargeState

TRIED: frozenset[ChargeState] = frozenset({"scheduled", "retrying"})
"""What is charged when its time comes."""

OVER: frozenset[ChargeState] = frozenset({"paid", "settled", "void"})
"""Nothing more is charged for the invoice: paid by auto-pay, paid otherwise, void."""

RESTING: frozenset[ChargeState] = frozenset(
    {"declined", "needs_customer", "above_maximum", "below_minimum", "skipped", "left"}
)
"""Open, and charged only if the customer does something about it."""

SKIPPABLE: frozenset[ChargeState] = frozenset({"scheduled", "retrying", "declined", "needs_customer", "below_minimum"})

_SCHEDULED: frozenset[ChargeState] = frozenset({"scheduled"})
_CHARGING: frozenset[ChargeState] = frozenset({"charging"})

_FOLLOWING: dict[ChargeState, frozenset[ChargeState]] = {
    "scheduled": _CHARGING | RESTING | OVER,
    "retrying": _CHARGING | _SCHEDULED | RESTING | OVER,
    # Back to where it was when the attempt never began; `settled` and `void` only once the outcome is known.
    "charging": frozenset({"scheduled", "retrying", "declined", "needs_customer", "left", "paid"}),
    "declined": _SCHEDULED | RESTING | OVER,
    "needs_customer": _SCHEDULED | RESTING | OVER,
    "above_maximum": _SCHEDULED | RESTING | OVER,
    "below_minimum": _SCHEDULED | RESTING | OVER,
    "skipped": _SCHEDULED | RESTING | OVER,
    "left": _SCHEDULED | RESTING | OVER,
    # A refund, dispute or return opens it again; a payment on its way can be captured after all.
    "paid": frozenset({"left", "scheduled", "void"}),
    "settled": frozenset({"left", "scheduled", "paid", "void"}),
    "void": frozenset({"paid"}),
}


class IllegalStep(Exception):
    """A charge cannot get from the one state to the other."""


def check_step(current: ChargeState, wanted: ChargeState) -> None:
    """Raise IllegalStep unless a charge in `current` may become `wanted`."""
    if wanted != current and wanted not in _FOLLOWING[current]:
        raise IllegalStep(f"a charge that is {current} cannot become {wanted}")
