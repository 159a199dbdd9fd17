"""Two seasons of work, invoiced monthly, and how it was paid: the same every time for the same day.

Nothing here knows the portal: it makes the rows that an import takes.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from contracts.billing import InvoiceLine
from contracts.payments import PaymentMethod
from porchlight.demo_data.people import PEOPLE, VISITOR, Person

MONTHS = 20
"""How far back it goes: this season and the one before."""

DUE_AFTER = timedelta(days=30)
FIRST_NUMBER = 1042

EXTRAS = {
    3: ("Spring clean-up", 14500),
    4: ("Pre-emergent treatment", 8900),
    5: ("Mulch, 3 yards", 21000),
    7: ("Hedge trimming", 9500),
    9: ("Core aeration and overseeding", 17500),
    10: ("Leaf removal", 12000),
    11: ("Gutter cleaning", 11000),
}
"""By month: what some customers have done besides mowing, and its price."""

SNOW_MONTHS = (12, 1, 2)
DAYS_TO_PAY = {"promptly": (2, 18), "slowly": (21, 52), "behind": (15, 45)}
METHODS: tuple[PaymentMethod, ...] = ("check", "check", "bank", "cash", "other")


@dataclass(frozen=True, kw_only=True)
class DemoInvoice:
    """An invoice and, once it was settled, when, how and with how much; or why it was voided."""

    reference: str
    number: str
    issued_on: date
    due_on: date
    lines: list[InvoiceLine]
    paid_on: date | None = None
    paid_minor: int = 0
    method: PaymentMethod = "check"
    note: str = ""
    voided_because: str = ""

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class DemoCredit:
    reference: str
    amount_minor: int
    reason: str
    granted_on: date


@dataclass(frozen=True, kw_only=True)
class DemoHistory:
    """Everything to be loaded. `drafts` are not sent yet."""

    invoices: list[DemoInvoice]
    drafts: list[DemoInvoice]
    credits: list[DemoCredit] = field(default_factory=list)


def history(today: date) -> DemoHistory:
    """What happened until `today`. Invoices are dated on the first of a month for the month before."""
    chance = random.Random(20260401)  # noqa: S311 - believable, not secret
    invoices: list[DemoInvoice] = []
    number = FIRST_NUMBER
    for month in _months_before(today):
        for person in PEOPLE:
            issued_on = _first_of_next(month)
            lines = list(_work(person, month, chance))
            if not lines or issued_on > today:
                continue
            invoices.append(_settled(person, str(number), issued_on, lines, today, chance))
            number += 1
    return DemoHistory(
        invoices=[*invoices, *_of_the_visitor(today, number)],
        drafts=_drafts(today, number + 3),
        credits=_credits(today),
    )


def _credits(today: date) -> list[DemoCredit]:
    """Some that are used up at once, because something is open, and some that wait for the next invoice."""
    granted = (
        # Who, how much, how many days ago, why.
        (VISITOR, 1750, 16, "Mowing skipped because of rain"),
        (PEOPLE[2], 2500, 12, "Gate left open, with our apologies"),
        (PEOPLE[2], 1500, 40, "Two visits in one week"),
        (PEOPLE[6], 4900, 9, "Mowing skipped because of rain"),
        (PEOPLE[27], 11000, 30, "Referred a neighbor"),
    )
    return [
        DemoCredit(
            reference=person.reference,
            amount_minor=amount_minor,
            reason=reason,
            granted_on=today - timedelta(days=days_ago),
        )
        for person, amount_minor, days_ago, reason in granted
    ]


def _settled(
    person: Person, number: str, issued_on: date, lines: list[InvoiceLine], today: date, chance: random.Random
) -> DemoInvoice:
    total_minor = sum(line.amount_minor for line in lines)
    paid_on = issued_on + timedelta(days=chance.randint(*DAYS_TO_PAY[person.pays]))
    falls_behind = person.pays == "behind" and issued_on > today - timedelta(days=75)
    method = chance.choice(METHODS)
    if person == VISITOR:
        # What she owes is what `_of_the_visitor` says, and nothing else.
        paid_on = min(paid_on, today)
    is_paid = paid_on <= today and (person == VISITOR or not falls_behind)
    # A few round up, which leaves a credit; a few pay a part first, which leaves the rest open.
    slip = chance.random()
    paid_minor = total_minor
    if slip < 0.01:
        paid_minor = total_minor + 1000 - total_minor % 1000
    elif slip > 0.985 and person.pays == "slowly":
        paid_minor = total_minor // 2
    return DemoInvoice(
        reference=person.reference,
        number=number,
        issued_on=issued_on,
        due_on=issued_on + DUE_AFTER,
        lines=lines,
        paid_on=paid_on if is_paid else None,
        paid_minor=paid_minor if is_paid else 0,
        method=method,
        note=str(chance.randint(1100, 4900)) if method == "check" else "",
    )


def _of_the_visitor(today: date, number: int) -> list[DemoInvoice]:
    """One invoice past due, of which a part is paid, one that is not, and one that was sent by mistake."""
    past = today - timedelta(days=44)
    recent = today - timedelta(days=13)
    return [
        DemoInvoice(
            reference=VISITOR.reference,
            number=str(number),
            issued_on=past,
            due_on=past + DUE_AFTER,
            lines=[
                _line("Mowing", VISITOR.mowing_minor, past - timedelta(days=16)),
                _line("Mowing", VISITOR.mowing_minor, past - timedelta(days=2)),
                _line("Hedge trimming, front and side", 8450, past - timedelta(days=2)),
                _line("Mulch, 1 yard", 7000, past - timedelta(days=2)),
            ],
            # What the credit of `_credits` leaves of the mulch.
            paid_on=past + timedelta(days=20),
            paid_minor=5250,
            method="check",
            note="2107",
        ),
        DemoInvoice(
            reference=VISITOR.reference,
            number=str(number + 1),
            issued_on=recent,
            due_on=recent + DUE_AFTER,
            lines=[
                _line("Mowing", VISITOR.mowing_minor, recent - timedelta(days=6)),
                _line("Edging, driveway and walk", 3550, recent - timedelta(days=6)),
            ],
        ),
        DemoInvoice(
            reference=VISITOR.reference,
            number=str(number + 2),
            issued_on=recent,
            due_on=recent + DUE_AFTER,
            lines=[_line("Leaf removal", 12000, recent - timedelta(days=4))],
            voided_because="That was your neighbor's lawn",
        ),
    ]


def _drafts(today: date, number: int) -> list[DemoInvoice]:
    """Dated next week, so that an import leaves them unsent."""
    next_week = today + timedelta(days=7)
    return [
        DemoInvoice(
            reference=person.reference,
            number=str(number + place),
            issued_on=next_week,
            due_on=next_week + DUE_AFTER,
            lines=[_line("Mowing", person.mowing_minor, today - timedelta(days=3))],
        )
        for place, person in enumerate(PEOPLE[:4])
    ]


def _work(person: Person, month: date, chance: random.Random) -> Iterator[InvoiceLine]:
    if month.month in SNOW_MONTHS:
        if person.mowing_minor >= 8000 and (storms := chance.randint(0, 3)):
            for storm in range(storms):
                yield _line("Snow removal", person.mowing_minor * 3 // 2, month + timedelta(days=5 + 8 * storm))
        return
    if 4 <= month.month <= 10:
        first = chance.randint(0, 6)
        for week in range(2 if person.pays == "behind" else 4):
            yield _line("Mowing", person.mowing_minor, month + timedelta(days=first + 7 * week))
    if month.month in EXTRAS and chance.random() < 0.3:
        description, price_minor = EXTRAS[month.month]
        yield _line(description, price_minor, month + timedelta(days=chance.randint(8, 25)))


def _line(description: str, amount_minor: int, serviced_on: date) -> InvoiceLine:
    return InvoiceLine(
        description=description, unit_price_minor=amount_minor, amount_minor=amount_minor, serviced_on=serviced_on
    )


def _months_before(today: date) -> list[date]:
    months = [today.replace(day=1)]
    while len(months) < MONTHS + 1:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months[:0:-1]


def _first_of_next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
