"""Several at once on PostgreSQL: the account's row decides who is first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from chassis.database import Database
from chassis.ids import new_id
from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from tests.support.billing import CUSTOMER, Billing, row, succeeded

TOGETHER = 8


@pytest.fixture
def billing(migrated_database: Callable[[str], str]):
    database = Database(migrated_database("services.billing.migrations"))
    yield Billing(database)
    database.close()


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """What each answers, or the Refused that it raises, all started at the same moment."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        barrier.wait(timeout=10)
        try:
            return action()
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def refusals(answers: list[Any]) -> list[str]:
    return [answer.code for answer in answers if isinstance(answer, Refused)]


def test_of_many_holds_one_wins(billing: Billing):
    billing.sent(5_000)
    answers = at_once(*[lambda: billing.hold(5_000)] * TOGETHER)
    assert refusals(answers) == [codes.ALREADY_BEING_PAID] * (TOGETHER - 1)
    assert billing.due().processing_minor == 5_000


def test_of_many_holds_of_a_customer_nobody_has_seen_one_row_is_made(billing: Billing):
    answers = at_once(*[lambda: billing.hold(700, allow_overpayment=True)] * TOGETHER)
    assert refusals(answers) == []


def test_copies_of_one_hold_all_get_the_same_answer(billing: Billing):
    billing.sent(5_000)
    payment_id = new_id()
    answers = at_once(*[lambda: billing.hold(5_000, payment_id=payment_id)] * TOGETHER)
    assert answers == [answers[0]] * TOGETHER


def test_copies_of_one_payment_count_once(billing: Billing):
    invoice = billing.sent(5_000)
    payment = succeeded(6_000)
    at_once(*[lambda: billing.hear(payment)] * TOGETHER)
    assert billing.open_minor(invoice) == 0
    assert len(billing.events(wire.PaymentAllocated)) == 1
    assert [credit.amount_minor for credit in billing.events(wire.CreditCreated)] == [1_000]


def test_many_payments_never_put_more_on_an_invoice_than_is_open(billing: Billing):
    invoice = billing.sent(5_000)
    at_once(*[lambda: billing.hear(succeeded(1_000))] * TOGETHER)
    assert billing.open_minor(invoice) == 0
    assert sum(part.amount_minor for part in billing.get(invoice).allocations) == 5_000
    assert sum(credit.amount_minor for credit in billing.events(wire.CreditCreated)) == 3_000


def test_a_credit_applied_by_many_at_once_is_used_once(billing: Billing):
    by_hand = Billing(billing.database, auto_apply_credits=False)
    invoice = by_hand.sent(5_000)
    by_hand.credit(1_000)
    wish: dict[str, Any] = {"customer_id": CUSTOMER, "currency": "USD", "amount_minor": 1_000}
    answers = at_once(*[partial(by_hand.ask, wire.ApplyCredits(key=new_id(), **wish)) for _ in range(TOGETHER)])
    assert sorted(answer.applied_minor for answer in answers) == [0] * (TOGETHER - 1) + [1_000]
    assert by_hand.open_minor(invoice) == 4_000


def test_a_release_and_its_hold_end_with_nothing_held(billing: Billing):
    billing.sent(5_000)
    for _ in range(10):
        payment_id = new_id()
        at_once(
            partial(billing.hold, 5_000, payment_id=payment_id),
            partial(billing.release, payment_id),
        )
        assert billing.due().payable_minor == 5_000


def test_numbers_given_at_once_have_no_gap_and_no_double(billing: Billing):
    customers = [new_id() for _ in range(TOGETHER)]
    at_once(
        *[
            lambda customer_id=customer_id: [billing.draft(customer_id=customer_id) for _ in range(5)]
            for customer_id in customers
        ],
        lambda: billing.imports(*(row(f"INV-{at:06}", at=at) for at in range(10, 13))),
    )
    numbers = sorted(found.number for found in billing.ask(wire.ListDrafts()).invoices)
    imported = [found.number for found in billing.ask(wire.ListInvoices(customer_id=CUSTOMER)).invoices]
    expected = {f"INV-{position:06}" for position in range(1, 5 * TOGETHER + len(imported) + 1)}
    assert set(numbers) | set(imported) == expected
    assert len(numbers) == 5 * TOGETHER


def test_one_import_by_two_at_once_creates_each_invoice_once(billing: Billing):
    customers = [new_id() for _ in range(20)]
    rows = [row(f"A-{at:03}", at=at, customer_id=customers[at % 20]) for at in range(200)]
    backwards = list(reversed(rows))
    answers = at_once(lambda: billing.imports(*rows), lambda: billing.imports(*backwards))
    assert refusals(answers) == []
    statuses = sorted(result.status for answer in answers for result in answer)
    assert statuses == ["created"] * 200 + ["unchanged"] * 200
    assert len(billing.events(wire.InvoiceSent)) == 200


def test_bulk_sending_in_opposite_orders_does_not_wait_in_a_ring(billing: Billing):
    customers = [new_id() for _ in range(50)]
    ids = [billing.draft(100, customer_id=customer_id).summary.invoice_id for customer_id in customers]
    answers = at_once(
        lambda: billing.ask(wire.SendInvoices(invoice_ids=ids)),
        lambda: billing.ask(wire.SendInvoices(invoice_ids=ids[::-1])),
    )
    statuses = sorted(result.status for answer in answers for result in answer)
    assert statuses == ["unchanged"] * 50 + ["updated"] * 50
    assert len(billing.events(wire.InvoiceSent)) == 50


def test_a_void_and_a_hold_at_once_never_leave_a_void_invoice_held(billing: Billing):
    for _ in range(10):
        invoice = billing.sent(500)
        at_once(partial(billing.void, invoice), partial(billing.hold, 500, invoice))
        summary = billing.get(invoice).summary
        assert (summary.state, summary.processing_minor) in [("void", 0), ("sent", 500)]
