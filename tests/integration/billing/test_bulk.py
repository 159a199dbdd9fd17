"""Bulk commands touch each table once, however many rows they have: counted, because time depends on the machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import event

from chassis.ids import new_id
from contracts import billing as wire
from tests.support.billing import Billing, row, succeeded


@contextmanager
def statements(billing: Billing) -> Iterator[list[str]]:
    """Collects the SQL of what is done inside."""
    seen: list[str] = []

    def note(_connection, _cursor, statement: str, *_):
        seen.append(statement)

    event.listen(billing.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(billing.database.engine, "before_cursor_execute", note)


def count(billing: Billing, action: Callable[[], object]) -> int:
    with statements(billing) as seen:
        action()
    return len(seen)


def rows(size: int, *, issued_on: date) -> list[wire.InvoiceRow]:
    prefix = new_id()
    return [
        row(f"{prefix}-{at}", at=at, customer_id=new_id(), issued_on=issued_on, due_on=date(2026, 12, 1))
        for at in range(size)
    ]


def test_importing_500_takes_hardly_more_statements_than_5(billing: Billing):
    few, many = rows(5, issued_on=date(2026, 1, 1)), rows(500, issued_on=date(2026, 1, 1))
    assert count(billing, lambda: billing.imports(*many)) <= count(billing, lambda: billing.imports(*few)) + 3


def test_sending_500_takes_hardly_more_statements_than_5(billing: Billing):
    def ids(size: int) -> list[str]:
        return [str(result.id) for result in billing.imports(*rows(size, issued_on=date(2026, 6, 1)))]

    few, many = ids(5), ids(500)
    count_few = count(billing, lambda: billing.ask(wire.SendInvoices(invoice_ids=few)))
    assert count(billing, lambda: billing.ask(wire.SendInvoices(invoice_ids=many))) <= count_few + 3
    assert len(billing.events(wire.InvoiceSent)) == 505


def test_one_payment_takes_at_most_a_dozen_statements(billing: Billing):
    billing.sent(5_000)
    assert count(billing, lambda: billing.hear(succeeded(5_000))) <= 12


def test_credits_of_many_customers_are_applied_together(billing: Billing):
    imported = rows(20, issued_on=date(2026, 6, 1))
    for item in imported:
        billing.credit(5_000, customer_id=item.customer_id)
    ids = [str(result.id) for result in billing.imports(*imported)]
    assert count(billing, lambda: billing.ask(wire.SendInvoices(invoice_ids=ids))) <= 16
    assert [len(applied.allocations) for applied in billing.events(wire.CreditApplied)] == [1] * 20
