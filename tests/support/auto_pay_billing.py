"""billing as auto-pay sees it: several invoices, credits, holds under its rules; what it tells of all that."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chassis.ids import new_id
from contracts import codes
from contracts.billing import (
    AllocationFact,
    AppliedCredits,
    ApplyCredits,
    CreditApplied,
    GetInvoice,
    HeldInvoice,
    HoldInvoices,
    HoldView,
    InvoiceSummary,
    InvoiceView,
    PaymentAllocated,
    ReleaseHold,
)
from contracts.payments import PaymentCancelled, PaymentFailed, PaymentSucceeded
from contracts.wire import Command, Event, Refused


@dataclass
class Owed:
    """One invoice and what is on it."""

    invoice_id: str
    customer_id: str
    number: str
    total_minor: int
    due_on: date
    sent_at: datetime
    placed_minor: int = 0
    voided: bool = False

    @property
    def open_minor(self) -> int:
        return 0 if self.voided else self.total_minor - self.placed_minor


class LedgerBilling:
    """Answers, and remembers in `told` the events of what it did. `strike` and `lose` are for the next calls."""

    def __init__(self) -> None:
        self.invoices: dict[str, Owed] = {}
        self.credits: dict[str, int] = {}
        self.holds: dict[str, HoldView] = {}
        self.over: set[str] = set()
        self.keys: dict[str, Command[Any]] = {}
        self.told: list[Event] = []
        self.asked: list[Command[Any]] = []
        self.faults: list[tuple[str, str, BaseException | Callable[[], object]]] = []

    def call(self, command: Command[Any], timeout_s: float = 2.0) -> Any:
        """Answer as billing would; or not at all."""
        assert timeout_s <= 10, "nobody waits without a bound"
        self.asked.append(command)
        self._strike(command, "before")
        match command:
            case ApplyCredits():
                answer: Any = self._apply_credits(command)
            case GetInvoice():
                answer = self._invoice(command)
            case HoldInvoices():
                answer = self._hold(command)
            case ReleaseHold():
                answer = self._release(command.payment_id)
            case _:
                raise AssertionError(f"payments asks billing for {command}")
        self._strike(command, "after")
        return answer

    def lose(self, command: type[Command[Any]], when: str) -> None:
        """The next such command gets no answer: it was never received (before), or was carried out (after)."""
        self.strike(command, when, Refused(codes.UNAVAILABLE, "no answer"))

    def strike(self, command: type[Command[Any]], when: str, what: BaseException | Callable[[], object]) -> None:
        """Let this happen at the next such command."""
        self.faults.append((command.__name__, when, what))

    def hear(self, event: Event) -> None:
        """A payment has come to its end: put it on its invoices, and free them."""
        if isinstance(event, PaymentFailed | PaymentCancelled):
            self._release(event.payment_id)
        elif isinstance(event, PaymentSucceeded) and event.payment_id not in self.over:
            self.over.add(event.payment_id)
            self.holds.pop(event.payment_id, None)
            self.place(event)

    def place(self, event: PaymentSucceeded) -> None:
        """Put money on the invoices that it is meant for."""
        facts = []
        for part in event.invoices:
            amount_minor = min(part.amount_minor, self.invoices[part.invoice_id].open_minor)
            if amount_minor:
                facts.append(self._fact(part.invoice_id, amount_minor))
        self.told.append(
            PaymentAllocated(
                payment_id=event.payment_id,
                customer_id=event.customer_id,
                currency="USD",
                allocations=facts,
                credit_id=None,
                credit_minor=event.amount_minor - sum(fact.amount_minor for fact in facts),
                effective_on=event.effective_on,
                origin="portal",
            )
        )

    def credit(self, invoice_id: str, amount_minor: int) -> CreditApplied:
        """Put a credit on an invoice, as auto-apply does."""
        fact = self._fact(invoice_id, amount_minor)
        return CreditApplied(
            credit_id=new_id(),
            customer_id=self.invoices[invoice_id].customer_id,
            currency="USD",
            allocations=[fact],
            origin="portal",
        )

    def _fact(self, invoice_id: str, amount_minor: int) -> AllocationFact:
        invoice = self.invoices[invoice_id]
        assert 0 < amount_minor <= invoice.open_minor
        invoice.placed_minor += amount_minor
        return AllocationFact(
            allocation_id=new_id(),
            invoice_id=invoice_id,
            invoice_number=invoice.number,
            amount_minor=amount_minor,
            effective_on=invoice.due_on,
        )

    def _apply_credits(self, command: ApplyCredits) -> AppliedCredits:
        (invoice_id,) = command.invoice_ids or []
        invoice = self.invoices[invoice_id]
        part_minor = min(self.credits.get(command.customer_id, 0), invoice.open_minor, command.amount_minor)
        if self.keys.setdefault(command.key, command) != command:
            raise Refused(codes.KEY_REUSED, "This request was already made with other contents.")
        if part_minor and not self._held_minor(invoice_id):
            self.credits[command.customer_id] -= part_minor
            self.told.append(self.credit(invoice_id, part_minor))
        return AppliedCredits(
            customer_id=command.customer_id,
            currency="USD",
            applied_minor=part_minor,
            allocations=[],
            credits_minor=self.credits.get(command.customer_id, 0),
        )

    def _held_minor(self, invoice_id: str) -> int:
        parts = (part for hold in self.holds.values() for part in hold.invoices)
        return sum(part.amount_minor for part in parts if part.invoice_id == invoice_id)

    def _invoice(self, command: GetInvoice) -> InvoiceView:
        invoice = self.invoices.get(command.invoice_id)
        if invoice is None or invoice.customer_id != command.customer_id:
            raise Refused(codes.NOT_FOUND, "There is no such invoice.")
        summary = InvoiceSummary(
            invoice_id=invoice.invoice_id,
            customer_id=invoice.customer_id,
            number=invoice.number,
            state="void" if invoice.voided else "sent",
            currency="USD",
            total_minor=invoice.total_minor,
            open_minor=invoice.open_minor,
            processing_minor=self._held_minor(invoice.invoice_id),
            issued_on=invoice.due_on,
            due_on=invoice.due_on,
            past_due=False,
        )
        return InvoiceView(summary=summary, lines=[], allocations=[], as_of=invoice.due_on)

    def _hold(self, command: HoldInvoices) -> HoldView:
        if command.payment_id in self.over:
            raise Refused(codes.WRONG_STATE, "This payment is over.")
        if command.payment_id in self.holds:
            return self.holds[command.payment_id]
        (invoice_id,) = command.invoice_ids or []
        invoice = self.invoices[invoice_id]
        if any(part.invoice_id == invoice_id for hold in self.holds.values() for part in hold.invoices):
            raise Refused(codes.ALREADY_BEING_PAID, "It is being paid.")
        is_part = command.amount_minor < invoice.open_minor and command.allow_partial
        if command.amount_minor != invoice.open_minor and not is_part:
            raise Refused(codes.STALE_AMOUNT, "The amount has changed.", open_minor=invoice.open_minor)
        part = HeldInvoice(invoice_id=invoice_id, number=invoice.number, amount_minor=command.amount_minor)
        hold = HoldView(payment_id=command.payment_id, amount_minor=command.amount_minor, invoices=[part])
        self.holds[command.payment_id] = hold
        return hold

    def _release(self, payment_id: str) -> HoldView | None:
        self.over.add(payment_id)
        return self.holds.pop(payment_id, None)

    def _strike(self, command: Command[Any], when: str) -> None:
        for fault in self.faults:
            if fault[:2] == (type(command).__name__, when):
                self.faults.remove(fault)
                if isinstance(fault[2], BaseException):
                    raise fault[2]
                fault[2]()
                return
