"""The sequence of invoice numbers."""

import pytest

from chassis.ids import new_id
from contracts import billing as wire
from contracts.wire import Refused
from tests.support.billing import CUSTOMER, TODAY, Billing, line, row


def test_numbers_follow_each_other(billing: Billing):
    assert [billing.draft().summary.number for _ in range(3)] == ["INV-000001", "INV-000002", "INV-000003"]


def test_numbers_that_came_with_an_import_are_skipped(billing: Billing):
    billing.imports(row("INV-000001"), row("INV-000003"))
    assert [billing.draft().summary.number for _ in range(2)] == ["INV-000002", "INV-000004"]


def test_a_long_run_of_taken_numbers_is_skipped(billing: Billing):
    billing.imports(*(row(f"INV-{position:06d}") for position in range(1, 251)))
    assert billing.draft().summary.number == "INV-000251"


def test_a_draft_that_was_refused_leaves_no_gap(billing: Billing):
    billing.draft()
    command = wire.CreateInvoice(key=new_id(), customer_id=CUSTOMER, issued_on=TODAY, due_on=TODAY, lines=[line(100)])
    billing.ask(command)
    with pytest.raises(Refused):
        billing.ask(
            wire.CreateInvoice(
                **{name: getattr(command, name) for name in command.__struct_fields__} | {"lines": [line(101)]}
            )
        )
    assert billing.draft().summary.number == "INV-000003"


def test_a_voided_draft_keeps_its_number(billing: Billing):
    billing.void(billing.draft())
    assert billing.draft().summary.number == "INV-000002"
