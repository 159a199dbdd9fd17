"""The owners of the facts behind the ledger, asked by RPC: their archives, and how things stand with them now.

balance's own tables prove nothing about themselves.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

import msgspec

from chassis.commands import for_service
from chassis.rpc import RpcClient
from contracts.billing import (
    AllocatedPayment,
    AllocatedPaymentsPage,
    ListAllocatedPayments,
    ListOpenAmounts,
    ListOpenCredits,
    OpenAmount,
    OpenAmountsPage,
    OpenCredits,
    OpenCreditsPage,
)
from contracts.identity import BusinessClockSet
from contracts.payments import ListSucceededPayments, SucceededPayment, SucceededPaymentsPage
from contracts.topology import LISTENERS
from contracts.wire import Command, Envelope, Event, Refused

ASK_TIMEOUT_S = 15.0

POSTED = tuple(event for event in LISTENERS["balance"] if event is not BusinessClockSet)
"""The events that the ledger is made of."""

Facts = Sequence[tuple[Event, Envelope]]

Page = TypeVar("Page", OpenAmountsPage, OpenCreditsPage, AllocatedPaymentsPage, SucceededPaymentsPage)


class Owners(Protocol):
    """Whoever can say what the ledger should be. Each iterator is in the order of ids and holds a page at a time."""

    def archive(self, *, after: str, up_to: str | None) -> Iterator[Facts]:
        """Every posted event recorded with an id after `after` and none after `up_to` (None: to the end), in parts."""

    def open_amounts(self) -> Iterator[OpenAmount]:
        """What billing has open."""

    def open_credits(self) -> Iterator[OpenCredits]:
        """What billing has left of customers' credits."""

    def allocated_payments(self) -> Iterator[AllocatedPayment]:
        """The payments that billing has dealt with."""

    def succeeded_payments(self) -> Iterator[SucceededPayment]:
        """The payments whose money payments has received."""


class OwnersByRpc:
    """billing and payments, over the broker."""

    def __init__(self, rpc: RpcClient) -> None:
        self._rpc = rpc

    def archive(self, *, after: str, up_to: str | None) -> Iterator[Facts]:
        types = {event.event_name: event for event in POSTED}
        next_after = dict.fromkeys(sorted({event.owner for event in POSTED}), after)
        while next_after:
            commands = {
                owner: for_service(owner).read_recorded_events(
                    names=[event.event_name for event in POSTED if event.owner == owner], after=start, up_to=up_to
                )
                for owner, start in next_after.items()
            }
            for owner, answer in self._rpc.gather(commands, timeout_s=ASK_TIMEOUT_S).items():
                if isinstance(answer, Refused):
                    raise answer
                yield [
                    (msgspec.convert(envelope.payload, types[envelope.name]), envelope) for envelope in answer.events
                ]
                if answer.next_after is None:
                    del next_after[owner]
                else:
                    next_after[owner] = answer.next_after

    def open_amounts(self) -> Iterator[OpenAmount]:
        for page in self._pages(ListOpenAmounts):
            yield from page.amounts

    def open_credits(self) -> Iterator[OpenCredits]:
        for page in self._pages(ListOpenCredits):
            yield from page.credits

    def allocated_payments(self) -> Iterator[AllocatedPayment]:
        for page in self._pages(ListAllocatedPayments):
            yield from page.payments

    def succeeded_payments(self) -> Iterator[SucceededPayment]:
        for page in self._pages(ListSucceededPayments):
            yield from page.payments

    def _pages(self, command: Callable[..., Command[Page]]) -> Iterator[Page]:
        after: str | None = ""
        while after is not None:
            page = self._rpc.call(command(after=after), timeout_s=ASK_TIMEOUT_S)
            yield page
            after = page.next_after
