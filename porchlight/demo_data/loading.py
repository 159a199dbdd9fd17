"""Putting the demo's business into a portal: as an import, so that nobody is written to about it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TypeVar

from contracts.billing import CreateCredit, ImportInvoices, ImportVisits, InvoiceRow, VisitRow, VoidInvoice
from contracts.identity import CustomerRow, FindCustomers, ImportCustomers
from contracts.imports import RowResult
from contracts.payments import AddCard, RecordedPayment, RecordPayments
from contracts.wire import Refused
from porchlight.connection import CALL_TIMEOUT_S, Services
from porchlight.demo_data import auto_paying
from porchlight.demo_data.history import DemoInvoice, history
from porchlight.demo_data.people import PEOPLE, VISITOR
from porchlight.demo_data.visits import DemoVisit, visits
from porchlight.embedded.home import write_whole

BATCH = 250

Row = TypeVar("Row")


class DemoNotLoaded(Exception):
    """A service refused part of the demo's data; the message says which and why."""


def is_loaded(services: Services) -> bool:
    """Whether the demo's customers are there."""
    return bool(services.caller.call(FindCustomers(references=[VISITOR.reference]), timeout_s=CALL_TIMEOUT_S))


def load_once(services: Services, unfinished: Path, say: Callable[[str], None]) -> None:
    """Load everything unless it was done before; a loading that was cut off is taken up, as of the day it began.

    `unfinished` is the file that is there from the beginning to the end of the loading.
    """
    if not unfinished.exists():
        if is_loaded(services):
            return
        write_whole(unfinished, services.today().isoformat())
    say("loading thirty customers and two seasons of invoices …")
    load(services, date.fromisoformat(unfinished.read_text(encoding="utf-8")))
    unfinished.unlink()


def load(services: Services, today: date) -> None:
    """Load customers, invoices, visits, payments and credits, and wait until every service knows of them.

    With the same `today` it can be repeated: what is there already stays as it is.
    """
    customer_ids = _load_people(services)
    past = history(today)
    currency = services.currency
    invoice_ids = _load_invoices(services, [*past.invoices, *past.drafts], customer_ids, today)
    _load_visits(services, visits(past, today), customer_ids, today)
    _load_payments(services, past.invoices, customer_ids, invoice_ids)
    for invoice in past.invoices:
        if invoice.voided_because:
            command = VoidInvoice(invoice_id=invoice_ids[invoice.number], reason=invoice.voided_because)
            services.caller.call(command, timeout_s=CALL_TIMEOUT_S)
    # Credits come last: they go to invoices that are still open once everything received is on its invoices.
    services.settle()
    for place, credit in enumerate(past.credits):
        services.caller.call(
            CreateCredit(
                key=f"demo:credit:{place}",
                customer_id=customer_ids[credit.reference],
                currency=currency,
                amount_minor=credit.amount_minor,
                reason=credit.reason,
                granted_on=credit.granted_on,
                origin="import",
            ),
            timeout_s=CALL_TIMEOUT_S,
        )
    services.settle()
    _save_a_card(services, customer_ids[VISITOR.reference])
    auto_paying.turn_on(services, customer_ids)
    services.settle()


def _save_a_card(services: Services, customer_id: str) -> None:
    """Give the demo's customer a card, by a name that Stripe's test mode and the sandbox know.

    Real keys do not know it, and Stripe may be away: the business is whole without it.
    """
    command = AddCard(key="demo:card", customer_id=customer_id, payment_method="pm_card_visa")
    with suppress(Refused):
        services.caller.call(command, timeout_s=CALL_TIMEOUT_S)


def _load_people(services: Services) -> dict[str, str]:
    rows = [
        CustomerRow(
            row=row,
            reference=person.reference,
            name=person.name,
            email=person.email,
            phone=person.phone,
            address=person.address,
        )
        for row, person in enumerate(PEOPLE)
    ]
    results = _taken(services.caller.call(ImportCustomers(rows=rows), timeout_s=CALL_TIMEOUT_S))
    return {PEOPLE[result.row].reference: result.id or "" for result in results}


def _load_invoices(
    services: Services, invoices: list[DemoInvoice], customer_ids: dict[str, str], today: date
) -> dict[str, str]:
    rows = [
        InvoiceRow(
            row=row,
            customer_id=customer_ids[invoice.reference],
            number=invoice.number,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            total_minor=invoice.total_minor,
            lines=invoice.lines,
        )
        for row, invoice in enumerate(invoices)
    ]
    ids: dict[str, str] = {}
    for batch in _batches(rows):
        command = ImportInvoices(rows=batch, today=today)
        for result in _taken(services.caller.call(command, timeout_s=CALL_TIMEOUT_S)):
            ids[invoices[result.row].number] = result.id or ""
    return ids


def _load_visits(services: Services, planned: list[DemoVisit], customer_ids: dict[str, str], today: date) -> None:
    rows = [
        VisitRow(
            row=row,
            customer_id=customer_ids[visit.customer],
            reference=visit.reference,
            terms=visit.terms,
            state=visit.state,
            invoice_number=visit.invoice_number,
            line=visit.line,
        )
        for row, visit in enumerate(planned)
    ]
    for batch in _batches(rows):
        _taken(services.caller.call(ImportVisits(rows=batch, today=today), timeout_s=CALL_TIMEOUT_S))


def _load_payments(
    services: Services, invoices: list[DemoInvoice], customer_ids: dict[str, str], invoice_ids: dict[str, str]
) -> None:
    rows = [
        RecordedPayment(
            row=row,
            external_key=f"demo:payment:{invoice.number}",
            customer_id=customer_ids[invoice.reference],
            amount_minor=invoice.paid_minor,
            method=invoice.method,
            received_on=invoice.paid_on,
            invoice_ids=[invoice_ids[invoice.number]],
            reference=invoice.note,
        )
        for row, invoice in enumerate(invoices)
        if invoice.paid_on is not None
    ]
    for batch in _batches(rows):
        _taken(services.caller.call(RecordPayments(rows=batch, origin="import"), timeout_s=CALL_TIMEOUT_S))


def _taken(results: list[RowResult]) -> list[RowResult]:
    for result in results:
        if result.status == "refused":
            raise DemoNotLoaded(f"row {result.row}: {result.message}")
    return results


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch
