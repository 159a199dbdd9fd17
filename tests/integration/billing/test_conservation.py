"""Whatever happens in whatever order, no cent appears or disappears."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.database import Database
from chassis.ids import new_id
from contracts import billing as wire
from contracts.payments import PaymentSucceeded
from contracts.wire import Refused
from tests.support.billing import TODAY, Billing, cancelled, failed, paid_as_held, succeeded

Step = tuple[str, int, int]
WHAT = [
    *("send", "hold", "hold", "pay", "pay", "pay_again", "late_hold", "fail", "cancel", "release"),
    *("release_unknown", "cash", "cash", "cash_for_all", "credit", "apply", "void"),
]
STEPS = st.lists(
    st.tuples(st.sampled_from(WHAT), st.integers(1, 3_000), st.integers(0, 1_000)), min_size=3, max_size=18
)


@dataclass
class Story:
    """One customer's life: what was done, in ids, for later steps to come back to."""

    billing: Billing
    customer_id: str = field(default_factory=new_id)
    invoices: list[wire.InvoiceView] = field(default_factory=list)
    holds: list[wire.HoldView] = field(default_factory=list)
    payments: dict[str, PaymentSucceeded] = field(default_factory=dict)
    goodwill_minor: int = 0

    def play(self, what: str, amount_minor: int, choice: int) -> None:
        steps: dict[str, Callable[[int, int], None]] = {
            "send": self.send,
            "hold": self.hold,
            "pay": self.pay,
            "pay_again": self.pay_again,
            "late_hold": self.late_hold,
            "fail": lambda _, choice: self.end(choice, "fail"),
            "cancel": lambda _, choice: self.end(choice, "cancel"),
            "release": lambda _, choice: self.end(choice, "release"),
            "release_unknown": lambda *_: self.release_unknown(),
            "cash": self.cash,
            "cash_for_all": lambda amount_minor, _: self.hear(
                succeeded(amount_minor * 3, customer_id=self.customer_id)
            ),
            "credit": self.credit,
            "apply": self.apply,
            "void": self.void,
        }
        # A refusal is a fine answer here; that it changed nothing is what the checks find out.
        with suppress(Refused):
            steps[what](amount_minor, choice)

    def send(self, amount_minor: int, choice: int) -> None:
        due_on = TODAY + timedelta(days=choice % 5)
        self.invoices.append(self.billing.sent(amount_minor, customer_id=self.customer_id, due_on=due_on))

    def hold(self, amount_minor: int, choice: int) -> None:
        chosen = [invoice for at, invoice in enumerate(self.invoices) if choice >> at & 1]
        open_minor = sum(self.billing.open_minor(invoice) for invoice in chosen or self.invoices)
        amount_minor = amount_minor if choice % 3 else open_minor
        self.holds.append(
            self.billing.hold(
                amount_minor,
                *chosen,
                customer_id=self.customer_id,
                allow_overpayment=choice % 2 == 0,
                allow_partial=choice % 5 > 0,
            )
        )

    def pay(self, _: int, choice: int) -> None:
        if self.holds:
            self.hear(paid_as_held(self.holds[choice % len(self.holds)], customer_id=self.customer_id))

    def pay_again(self, _: int, choice: int) -> None:
        if self.payments:
            self.hear(list(self.payments.values())[choice % len(self.payments)])

    def late_hold(self, amount_minor: int, choice: int) -> None:
        if self.payments:
            payment_id = list(self.payments)[choice % len(self.payments)]
            with pytest.raises(Refused):
                self.billing.hold(amount_minor, payment_id=payment_id, customer_id=self.customer_id)

    def end(self, choice: int, how: str) -> None:
        if not self.holds:
            return
        payment_id = self.holds[choice % len(self.holds)].payment_id
        if how == "release":
            self.billing.release(payment_id)
        else:
            make = failed if how == "fail" else cancelled
            self.billing.hear(make(payment_id, customer_id=self.customer_id))

    def release_unknown(self) -> None:
        payment_id = new_id()
        assert self.billing.release(payment_id) is None
        with pytest.raises(Refused):
            self.billing.hold(100, payment_id=payment_id, customer_id=self.customer_id, allow_overpayment=True)

    def cash(self, amount_minor: int, choice: int) -> None:
        chosen = [(invoice, 0) for at, invoice in enumerate(self.invoices) if choice >> at & 1]
        received_on = TODAY - timedelta(days=choice % 7)
        self.hear(succeeded(amount_minor, invoices=chosen, customer_id=self.customer_id, received_on=received_on))

    def credit(self, amount_minor: int, _: int) -> None:
        self.billing.credit(amount_minor, customer_id=self.customer_id)
        self.goodwill_minor += amount_minor

    def apply(self, amount_minor: int, choice: int) -> None:
        chosen = [invoice.summary.invoice_id for at, invoice in enumerate(self.invoices) if choice >> at & 1]
        self.billing.ask(
            wire.ApplyCredits(
                key=new_id(),
                customer_id=self.customer_id,
                currency="USD",
                amount_minor=amount_minor,
                invoice_ids=chosen or None,
            )
        )

    def void(self, _: int, choice: int) -> None:
        if self.invoices:
            self.billing.void(self.invoices[choice % len(self.invoices)])

    def hear(self, payment: PaymentSucceeded) -> None:
        self.billing.hear(payment)
        self.payments[payment.payment_id] = payment


@dataclass
class Books:
    """What the events say, added up by somebody who knows nothing else."""

    on_invoice: Counter[str] = field(default_factory=Counter)
    of_payment: Counter[str] = field(default_factory=Counter)
    credit_left: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    live: dict[str, int] = field(default_factory=dict)
    announced: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, story: Story) -> "Books":
        books = cls()
        mine = story.customer_id
        for paid in story.billing.events(wire.PaymentAllocated):
            if paid.customer_id == mine:
                books.announced[paid.payment_id] += 1
                books.put(paid.allocations)
                books.of_payment[paid.payment_id] += sum(part.amount_minor for part in paid.allocations)
                books.of_payment[paid.payment_id] += paid.credit_minor
        for created in story.billing.events(wire.CreditCreated):
            if created.customer_id == mine:
                books.credit_left[created.credit_id] += created.amount_minor
                books.created[created.kind] += created.amount_minor
        for applied in story.billing.events(wire.CreditApplied):
            if applied.customer_id == mine:
                books.put(applied.allocations)
                books.credit_left[applied.credit_id] -= sum(part.amount_minor for part in applied.allocations)
        for back in story.billing.events(wire.AllocationsReversed):
            for part in back.allocations if back.customer_id == mine else ():
                assert books.live.pop(part.allocation_id) == part.amount_minor
                books.on_invoice[part.invoice_id] -= part.amount_minor
        return books

    def put(self, parts: list[wire.AllocationFact]) -> None:
        for part in parts:
            assert part.amount_minor > 0
            assert part.allocation_id not in self.live
            self.live[part.allocation_id] = part.amount_minor
            self.on_invoice[part.invoice_id] += part.amount_minor


def check(story: Story) -> None:
    books = Books.of(story)
    received_minor = sum(payment.amount_minor for payment in story.payments.values())
    # Every cent that came in is on an invoice or in an open credit, once.
    assert received_minor + story.goodwill_minor == sum(books.live.values()) + sum(books.credit_left.values())
    assert all(left_minor >= 0 for left_minor in books.credit_left.values())
    assert books.created["goodwill"] == story.goodwill_minor
    assert books.of_payment == Counter({key: payment.amount_minor for key, payment in story.payments.items()})
    assert all(times == 1 for times in books.announced.values())
    due = story.billing.due(story.customer_id)
    open_minor = 0
    for invoice in story.invoices:
        view = story.billing.get(invoice, story.customer_id)
        live_minor = sum(part.amount_minor for part in view.allocations if part.reversed_at is None)
        assert live_minor == books.on_invoice[view.summary.invoice_id]
        expected = 0 if view.summary.state == "void" else view.summary.total_minor - live_minor
        assert view.summary.open_minor == expected >= 0
        # What a payment holds, nothing else pays, and it stays sent.
        assert view.summary.processing_minor <= view.summary.open_minor
        open_minor += expected
    assert due.balance_due_minor == open_minor
    assert due.credits_minor == sum(books.credit_left.values())
    if due.auto_apply_credits and due.credits_minor:
        assert due.payable_minor == 0, "a credit waits although an invoice is free"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_cent_is_lost_or_made(billing: Billing, steps: list[Step]):
    story = Story(billing)
    for what, amount_minor, choice in [("send", 1_000, 0), ("send", 99, 1), *steps]:
        story.play(what, amount_minor, choice)
    check(story)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_cent_is_lost_or_made_where_customers_place_their_credits(database: Database, steps: list[Step]):
    story = Story(Billing(database, auto_apply_credits=False))
    for what, amount_minor, choice in [("send", 1_000, 0), ("credit", 700, 1), *steps, ("apply", 3_000, 0)]:
        story.play(what, amount_minor, choice)
    check(story)


def test_the_checks_see_a_whole_life(billing: Billing):
    """The story above really pays, holds, voids and reverses: a story in which nothing happens would prove nothing."""
    story = Story(billing)
    life = [
        ("send", 1_000, 0), ("send", 2_000, 1), ("hold", 1, 3), ("cash", 2_500, 0), ("pay", 0, 0), ("pay_again", 0, 0),
        ("late_hold", 500, 0), ("credit", 300, 0), ("send", 400, 2), ("void", 0, 1), ("release_unknown", 0, 0),
    ]  # fmt: skip
    for what, amount_minor, choice in life:
        story.play(what, amount_minor, choice)
        check(story)
    kinds = {envelope.name for envelope in billing.envelopes()}
    assert kinds == {
        "billing.invoice_sent",
        "billing.payment_allocated",
        "billing.credit_created",
        "billing.credit_applied",
        "billing.allocations_reversed",
        "billing.invoice_voided",
    }
