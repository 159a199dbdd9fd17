"""The states of a card's being saved and the moves between them.

created ──> requires_action | unknown ──> succeeded | failed | cancelled
"""

from contracts.payments import CardSetupState

SETTLED: frozenset[CardSetupState] = frozenset({"succeeded", "failed", "cancelled"})
"""Nothing more comes of such a setup."""

_MOVES: dict[CardSetupState, frozenset[CardSetupState]] = {
    "created": SETTLED | {"requires_action", "unknown"},
    # A question that got no answer says nothing new about a setup that waits for the customer.
    "requires_action": SETTLED,
    "unknown": SETTLED | {"requires_action"},
    "succeeded": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}


def moves(current: CardSetupState, wanted: CardSetupState) -> bool:
    """Return whether news of `wanted` move a setup in `current`; False for late news, which change nothing."""
    return wanted in _MOVES[current]
