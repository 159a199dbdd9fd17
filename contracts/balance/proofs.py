"""Proving the ledger, and making it again."""

from typing import Literal

from contracts.wire import Command, View

DifferenceKind = Literal[
    "transaction_without_event",
    "event_not_posted",
    "transaction",
    "unbalanced",
    "projection",
    "open_amount",
    "open_credits",
    "payment",
]


class LedgerDifference(View):
    """A place where two ways to the same figure disagree.

    `kind` is for programs; `message` is one line for people, with the ids and the amounts in minor units.
    """

    kind: DifferenceKind
    message: str


class LedgerCheck(View):
    """What a check found. Without `differences` ledger, archives, projections, billing and payments agree.

    At most 20 differences of a kind are listed; `unlisted` counts the others.
    """

    events: int
    postings: int
    accounts: int
    differences: list[LedgerDifference] = []
    unlisted: int = 0


class CheckLedger(Command[LedgerCheck]):
    """Compare ledger, archived events, projections, billing's open amounts and payments' receipts. Changes nothing.

    Of what was recorded before the check began, an event that is not posted is a difference.
    """


class RebuildLedger(Command[LedgerCheck]):
    """Make the ledger what the owners' archives lead to, then its projections; answers what a check then finds.

    A transaction that no archived event posts is taken out.
    """
