"""billing as payments sees it: holds under its rules, with answers that can be lost."""

from collections.abc import Callable
from typing import Any

from contracts import codes
from contracts.billing import HeldInvoice, HoldInvoices, HoldView, ReleaseHold
from contracts.wire import Command, Refused

INVOICE = "0190c000-0000-7000-8000-0000000000a1"


class FakeBilling:
    """One open invoice a customer. `strike` and `lose` are for the next calls."""

    def __init__(self, *, open_minor: int = 5_000) -> None:
        self.open_minor = open_minor
        self.holds: dict[str, HoldView] = {}
        self.customers: dict[str, str] = {}
        self.tombstones: set[str] = set()
        self.asked: list[Command[Any]] = []
        self.faults: list[tuple[str, str, BaseException | Callable[[], object]]] = []

    def call(self, command: Command[Any], timeout_s: float = 2.0) -> Any:
        """Answer as billing would; or not at all."""
        assert timeout_s <= 10, "nobody waits without a bound"
        self.asked.append(command)
        self._strike(command, "before")
        match command:
            case HoldInvoices():
                answer: HoldView | None = self._hold(command)
            case ReleaseHold():
                answer = self.release(command.payment_id)
            case _:
                raise AssertionError(f"payments asks billing for {command}")
        self._strike(command, "after")
        return answer

    def lose(self, command: type[Command[Any]], when: str) -> None:
        """The next such command gets no answer: it was never received (before), or was carried out (after)."""
        self.strike(command, when, Refused(codes.UNAVAILABLE, "no answer"))

    def strike(self, command: type[Command[Any]], when: str, what: BaseException | Callable[[], object]) -> None:
        """Let this happen at the next such command: an exception, or something that is run meanwhile."""
        self.faults.append((command.__name__, when, what))

    def _strike(self, command: Command[Any], when: str) -> None:
        for fault in self.faults:
            if fault[:2] == (type(command).__name__, when):
                self.faults.remove(fault)
                if isinstance(fault[2], BaseException):
                    raise fault[2]
                fault[2]()
                return

    def _hold(self, command: HoldInvoices) -> HoldView:
        if command.payment_id in self.tombstones:
            raise Refused(codes.WRONG_STATE, "This payment was released.")
        if command.payment_id in self.holds:
            return self.holds[command.payment_id]
        if command.customer_id in self.customers.values():
            raise Refused(codes.ALREADY_BEING_PAID, "These invoices are already being paid.")
        if command.amount_minor < self.open_minor and not command.allow_partial:
            raise Refused(codes.STALE_AMOUNT, "The amount has changed.", open_minor=self.open_minor)
        excess_minor = max(0, command.amount_minor - self.open_minor)
        if excess_minor and not command.allow_overpayment:
            raise Refused(codes.STALE_AMOUNT, "The amount has changed.", open_minor=self.open_minor)
        held_minor = command.amount_minor - excess_minor
        self.customers[command.payment_id] = command.customer_id
        self.holds[command.payment_id] = HoldView(
            payment_id=command.payment_id,
            amount_minor=command.amount_minor,
            invoices=[HeldInvoice(invoice_id=INVOICE, number="1001", amount_minor=held_minor)],
            excess_minor=excess_minor,
        )
        return self.holds[command.payment_id]

    def release(self, payment_id: str) -> HoldView | None:
        """Free the invoices; an unknown id leaves a tombstone."""
        self.tombstones.add(payment_id)
        self.customers.pop(payment_id, None)
        return self.holds.pop(payment_id, None)
