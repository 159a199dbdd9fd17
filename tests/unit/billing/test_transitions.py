"""What may happen to an invoice, a credit, a hold and an allocation, and what may not."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts import codes
from contracts.wire import Refused
from services.billing.domain.allocation import Allocation
from services.billing.domain.credit import Credit
from services.billing.domain.hold import Hold, HoldState
from services.billing.domain.invoice import Invoice, Terms
from services.billing.domain.numbering import format_number
from services.billing.domain.rules import start_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 1)


def draft(**changes) -> Invoice:
    fields: dict[str, Any] = {
        "invoice_id": "i",
        "customer_id": "c",
        "number": "A-1",
        "currency": "USD",
        "total_minor": 100,
        "issued_on": DAY,
        "due_on": date(2026, 3, 31),
        "created_at": NOON,
    }
    return Invoice(**(fields | changes))


def sent(**changes) -> Invoice:
    invoice = draft(**changes)
    invoice.send(at=NOON, effective_on=DAY)
    return invoice


def void() -> Invoice:
    invoice = sent()
    invoice.void(at=NOON, reason="", being_paid=False)
    return invoice


def hold(state: HoldState = "held") -> Hold:
    return Hold(payment_id="p", customer_id="c", state=state, amount_minor=100, created_at=NOON)


@pytest.mark.parametrize("make", [sent, void])
def test_only_a_draft_can_be_sent_or_revised(make):
    invoice = make()
    with pytest.raises(Refused) as refused:
        invoice.send(at=NOON, effective_on=DAY)
    assert refused.value.code == codes.WRONG_STATE
    with pytest.raises(Refused) as refused:
        invoice.revise(Terms(customer_id="c", total_minor=1, issued_on=DAY, due_on=DAY))
    assert refused.value.code == codes.CONFLICT


def test_void_is_final_and_refused_while_being_paid():
    with pytest.raises(Refused):
        void().void(at=NOON, reason="", being_paid=False)
    invoice = sent()
    with pytest.raises(Refused) as refused:
        invoice.void(at=NOON, reason="", being_paid=True)
    assert (refused.value.code, invoice.state) == (codes.WRONG_STATE, "sent")


def test_an_invoice_with_money_on_it_cannot_just_be_voided():
    invoice = sent()
    invoice.put(1)
    with pytest.raises(ValueError, match="must be reversed"):
        invoice.void(at=NOON, reason="", being_paid=False)


@pytest.mark.parametrize("amount_minor", [0, -1, 101])
def test_nothing_but_what_is_open_can_be_put_on_an_invoice(amount_minor: int):
    invoice = sent()
    with pytest.raises(ValueError, match="cannot put"):
        invoice.put(amount_minor)
    assert invoice.open_minor == 100


def test_money_cannot_be_put_on_what_is_not_sent():
    for invoice in (draft(), void()):
        with pytest.raises(ValueError, match="cannot put"):
            invoice.put(1)


def test_no_more_can_be_taken_back_than_was_put():
    invoice = sent()
    invoice.put(40)
    with pytest.raises(ValueError, match="cannot take"):
        invoice.take_back(41)
    invoice.take_back(40)
    assert invoice.open_minor == 100


def test_past_due_needs_something_open_and_a_day_gone_by():
    invoice = sent(due_on=DAY)
    assert not invoice.is_past_due(DAY)
    assert invoice.is_past_due(date(2026, 3, 2))
    invoice.put(99)
    assert invoice.is_past_due(date(2026, 3, 2))
    invoice.put(1)
    assert not invoice.is_past_due(date(2026, 3, 2))


@pytest.mark.parametrize("amount_minor", [0, 101])
def test_a_credit_gives_no_more_than_it_has(amount_minor: int):
    credit = Credit(
        credit_id="k", customer_id="c", kind="goodwill", currency="USD", amount_minor=100, granted_on=DAY,
        created_at=NOON,
    )  # fmt: skip
    with pytest.raises(ValueError, match="cannot use"):
        credit.use(amount_minor)


def test_a_hold_ends_once_but_a_released_payment_may_still_succeed():
    released = hold()
    released.release(NOON)
    with pytest.raises(ValueError, match="released already"):
        released.release(NOON)
    released.settle(NOON)
    assert released.state == "settled"
    for end in (released.release, released.settle):
        with pytest.raises(ValueError, match="settled already"):
            end(NOON)


def test_an_allocation_is_reversed_once():
    allocation = Allocation(
        allocation_id="a", source="payment", source_id="p", customer_id="c", invoice_id="i", invoice_number="A-1",
        amount_minor=5, effective_on=DAY, created_at=NOON,
    )  # fmt: skip
    allocation.reverse(reversal_id="r", at=NOON)
    with pytest.raises(ValueError, match="reversed already"):
        allocation.reverse(reversal_id="r2", at=NOON)
    assert (allocation.amount_minor, allocation.reversal_id) == (5, "r")


def test_numbers_keep_growing_past_six_digits():
    assert [format_number(position) for position in (1, 999_999, 1_000_000)] == [
        "INV-000001",
        "INV-999999",
        "INV-1000000",
    ]


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland", "UTC"])
def test_a_day_begins_on_the_businesss_wall(zone: str):
    local = start_of(DAY, ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    assert (local.date(), local.hour) == (DAY, 0)
