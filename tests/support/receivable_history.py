"""Random histories of one account, as billing and payments would tell them, and the truth about each, kept apart.

The truth is added up with nothing of balance's: from a plain list of what happened on which day.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import strategies as st

from contracts.billing import AllocationFact
from contracts.wire import Event
from tests.support import balance as build

FIRST_DAY = date(2024, 1, 1)
LAST_DAY_NUMBER = 800


@dataclass
class Source:
    """Money that can be put on invoices: a payment, a credit or what a voided invoice gave back."""

    source_id: str
    origin_id: str
    is_payment: bool
    left_minor: int
    on: date


@dataclass
class History:
    """What happened. `lines` change the account balance; `moves` say on which invoice how much was from which day."""

    events: list[Event] = field(default_factory=list)
    lines: list[tuple[date, str, str, int]] = field(default_factory=list)
    moves: list[tuple[date, str, int]] = field(default_factory=list)
    due: dict[str, date] = field(default_factory=dict)
    put: list[tuple[date, str, str, int]] = field(default_factory=list)
    taken_off: dict[str, date] = field(default_factory=dict)

    def balance_on(self, day: date) -> int:
        return sum(amount for on, _, _, amount in self.lines if on <= day)

    def open_on(self, day: date) -> dict[str, int]:
        """What is open on each invoice at the end of a day."""
        items: dict[str, int] = {}
        for on, invoice_id, amount in self.moves:
            if on <= day:
                items[invoice_id] = items.get(invoice_id, 0) + amount
        return {invoice_id: amount for invoice_id, amount in items.items() if amount}


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Invoices, payments of some of them in part or too much, credits applied later, voids of what was paid."""
    history = History()
    open_minor: dict[str, int] = {}
    put_on: dict[str, list[AllocationFact]] = {}
    sources: list[Source] = []
    numbers = iter(range(1, 1000))
    day = FIRST_DAY
    steps = draw(st.lists(st.sampled_from(["invoice", "payment", "credit", "apply", "void"]), min_size=1, max_size=25))
    for step in steps:
        day += timedelta(days=draw(st.integers(0, 45)))
        if step == "invoice":
            _invoice(draw, history, day, f"i{next(numbers)}", open_minor)
        elif step == "payment":
            _payment(draw, history, day, f"p{next(numbers)}", open_minor, put_on, sources)
        elif step == "credit":
            _credit(draw, history, day, f"c{next(numbers)}", sources)
        elif step == "apply":
            _apply(draw, history, day, open_minor, put_on, sources)
        elif open_minor:
            _void(draw, history, day, f"v{next(numbers)}", open_minor, put_on, sources)
    return history


def _invoice(draw, history, day, invoice_id, open_minor):
    total = draw(st.integers(1, 99_999))
    due_on = day + timedelta(days=draw(st.integers(0, 30)))
    history.events.append(build.sent(invoice_id, total, sent_on=day, due_on=due_on))
    history.lines.append((day, "invoice", invoice_id, total))
    history.moves.append((day, invoice_id, total))
    history.due[invoice_id] = due_on
    open_minor[invoice_id] = total


def _payment(draw, history, day, payment_id, open_minor, put_on, sources):
    amount = draw(st.integers(1, 120_000))
    source = Source(payment_id, payment_id, True, amount, day)
    allocations = _allocations(draw, history, source, day, open_minor, put_on)
    history.events.append(build.paid(payment_id, amount, received_on=day))
    kept = f"k{payment_id}" if source.left_minor else None
    event = build.allocated(payment_id, allocations, credit_minor=source.left_minor)
    history.events.append(event)
    history.lines.append((day, "payment", payment_id, -amount))
    if kept:
        history.events.append(
            build.credit(kept, source.left_minor, kind="overpayment", source_id=payment_id, granted_on=day)
        )
        sources.append(Source(kept, payment_id, False, source.left_minor, day))


def _credit(draw, history, day, credit_id, sources):
    amount = draw(st.integers(1, 5_000))
    history.events.append(build.credit(credit_id, amount, granted_on=day))
    history.lines.append((day, "credit", credit_id, -amount))
    sources.append(Source(credit_id, credit_id, False, amount, day))


def _apply(draw, history, day, open_minor, put_on, sources):
    spendable = [each for each in sources if each.left_minor]
    if spendable and (allocations := _allocations(draw, history, spendable[0], day, open_minor, put_on)):
        history.events.append(build.applied(spendable[0].source_id, allocations))


def _void(draw, history, day, credit_id, open_minor, put_on, sources):
    invoice_id = draw(st.sampled_from(sorted(open_minor)))
    total = sum(amount for _, kind, source, amount in history.lines if (kind, source) == ("invoice", invoice_id))
    allocations = put_on.pop(invoice_id, [])
    if allocations:
        history.events.append(build.reversed_allocations(allocations, on=day))
        back = sum(each.amount_minor for each in allocations)
        history.moves.append((day, invoice_id, back))
        history.taken_off |= {each.allocation_id: day for each in allocations}
        history.events.append(
            build.credit(credit_id, back, kind="voided_invoice", source_id=invoice_id, granted_on=day)
        )
        sources.append(Source(credit_id, invoice_id, False, back, day))
    history.events.append(build.voided(invoice_id, total, voided_on=day))
    history.lines.append((day, "void", invoice_id, -total))
    history.moves.append((day, invoice_id, -total))
    del open_minor[invoice_id]


def _allocations(draw, history, source, day, open_minor, put_on):
    allocations = []
    for invoice_id, left in list(open_minor.items()):
        amount = min(left, source.left_minor, draw(st.integers(1, 60_000)))
        if amount and draw(st.booleans()):
            allocation = build.allocation(invoice_id, amount, effective_on=day)
            allocations.append(allocation)
            put_on.setdefault(invoice_id, []).append(allocation)
            history.moves.append((day, invoice_id, -amount))
            history.put.append((day, source.origin_id, invoice_id, amount))
            open_minor[invoice_id] -= amount
            source.left_minor -= amount
    return allocations
