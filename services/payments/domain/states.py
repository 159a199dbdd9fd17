"""The states of a payment and the moves between them.

created ──> submitting ──> requires_action | processing | unknown ──> succeeded | failed | cancelled
"""

from typing import get_args

from contracts.payments import PaymentState

SETTLED: frozenset[PaymentState] = frozenset({"succeeded", "failed", "cancelled"})
"""Nothing more happens to the money of such a payment."""

ON_THE_WAY: frozenset[PaymentState] = frozenset({"submitting", "requires_action", "processing", "unknown"})
"""Money may move or be moving: shown as "processing", and the hold on the invoices stays."""

_AFTER_SUBMITTING: frozenset[PaymentState] = SETTLED.union({"requires_action", "processing", "unknown"})

_MOVES: dict[PaymentState, frozenset[PaymentState]] = {
    "created": frozenset({"submitting", "cancelled"}),
    "submitting": _AFTER_SUBMITTING,
    "requires_action": _AFTER_SUBMITTING - {"requires_action"},
    # A question about it that got no answer says nothing new about money that is on its way.
    "processing": SETTLED,
    "unknown": _AFTER_SUBMITTING - {"unknown"},
    # A payment is never rejected once received, so captured money is recorded whatever was believed before.
    "failed": frozenset({"succeeded"}),
    "cancelled": frozenset({"succeeded"}),
    "succeeded": frozenset(),
}

_LATE_NEWS: dict[PaymentState, frozenset[PaymentState]] = {
    # What was asked before the payment moved on and arrives after: it changes nothing.
    "created": frozenset(),
    "submitting": frozenset(),
    "requires_action": frozenset({"requires_action"}),
    "processing": frozenset({"processing", "requires_action", "unknown"}),
    "unknown": frozenset({"unknown"}),
    "failed": _AFTER_SUBMITTING,
    "cancelled": _AFTER_SUBMITTING,
    "succeeded": _AFTER_SUBMITTING,
}


class IllegalMove(Exception):
    """A payment cannot get from the one state to the other."""


def moves(current: PaymentState, wanted: PaymentState) -> bool:
    """Return whether news of `wanted` moves a payment in `current`; False for late news, which changes nothing.

    Raises IllegalMove for anything else.
    """
    if wanted in _MOVES[current]:
        return True
    if wanted in _LATE_NEWS[current]:
        return False
    raise IllegalMove(f"a payment that is {current} cannot become {wanted}")


def all_states() -> tuple[PaymentState, ...]:
    """Every state there is, in the order of the contract."""
    return get_args(PaymentState)
