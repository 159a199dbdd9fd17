"""Visits of the demo: those behind the invoices' lines, and the ones that are planned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from contracts.billing import VisitState, VisitTerms
from porchlight.demo_data.history import DemoHistory, DemoInvoice
from porchlight.demo_data.people import PEOPLE, VISITOR, Person

REACHES_BACK = timedelta(days=120)
"""How far back visits go; those of the visitor all the way."""

SOONEST_IN = 3
"""Days: nobody is reminded of a visit at the very moment at which the demo is loaded."""

WINDOWS = ((time(8), time(10)), (time(10), time(12)), (time(13), time(15)), (None, None))
NOTES = (
    "",
    "Side gate was locked, so we did the front only. We come back on the next round.",
    "",
    "All done. We moved the hose to the porch.",
    "",
    "A sprinkler head by the walk is broken. Shall we replace it?",
)
BY_MONTH = {
    11: ("Leaf removal", "Gutter cleaning"),
    12: ("Winter property check", "Snow removal, walk and driveway"),
    1: ("Winter property check", "Snow removal, walk and driveway"),
    2: ("Winter property check", "Snow removal, walk and driveway"),
    3: ("Spring clean-up", "Pre-emergent treatment"),
}
IN_SEASON = ("Mowing", "Mowing and edging")


@dataclass(frozen=True, kw_only=True)
class DemoVisit:
    """A visit, and the line of the invoice that it became."""

    customer: str
    reference: str
    terms: VisitTerms
    state: VisitState | None = None
    invoice_number: str | None = None
    line: int | None = None


def visits(past: DemoHistory, today: date) -> list[DemoVisit]:
    """Everything that was done and invoiced lately, and three visits to come for each customer."""
    people = {person.reference: person for person in PEOPLE}
    done = [visit for invoice in past.invoices for visit in _behind(invoice, people[invoice.reference], today)]
    planned = [visit for place, person in enumerate(PEOPLE) for visit in _planned(person, place, today)]
    return [*done, *planned]


def _behind(invoice: DemoInvoice, person: Person, today: date) -> Iterator[DemoVisit]:
    for line, work in enumerate(invoice.lines):
        day = work.serviced_on
        if day is None or (person != VISITOR and day < today - REACHES_BACK):
            continue
        turn = day.toordinal() + line
        arrives_from, arrives_until = WINDOWS[turn % len(WINDOWS)]
        yield DemoVisit(
            customer=person.reference,
            reference=f"demo-{invoice.number}-{line + 1}",
            terms=VisitTerms(
                scheduled_on=day,
                arrives_from=arrives_from,
                arrives_until=arrives_until,
                service=work.description,
                address=person.address,
                crew_note=NOTES[turn % len(NOTES)],
            ),
            state="completed",
            invoice_number=invoice.number,
            line=line,
        )


def _planned(person: Person, place: int, today: date) -> Iterator[DemoVisit]:
    first = today + timedelta(days=SOONEST_IN + place % 5)
    for turn in range(3):
        day = first + timedelta(days=7 * turn)
        arrives_from, arrives_until = WINDOWS[(place + turn) % len(WINDOWS)]
        services = BY_MONTH.get(day.month, IN_SEASON)
        yield DemoVisit(
            customer=person.reference,
            reference=f"demo-next-{person.reference}-{turn + 1}",
            terms=VisitTerms(
                scheduled_on=day,
                arrives_from=arrives_from,
                arrives_until=arrives_until,
                service=services[(place + turn) % len(services)],
                address=person.address,
                crew_note="Please leave the side gate unlocked." if turn == 0 else "",
            ),
            # One that does not take place, so that the list shows it.
            state="cancelled" if turn == 2 and place % 3 == 0 else "scheduled",
        )
