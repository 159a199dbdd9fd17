"""Drafts, sending, voiding, and who sees what."""

from datetime import date
from typing import Any

import pytest

from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from tests.support.billing import CUSTOMER, NEIGHBOUR, TODAY, Billing, line, succeeded


def test_a_draft_exists_for_nobody_but_the_business(billing: Billing):
    draft = billing.draft(5_000, number="A-1")
    with pytest.raises(Refused) as refused:
        billing.get(draft)
    assert refused.value.code == codes.NOT_FOUND
    assert billing.ask(wire.ListInvoices(customer_id=CUSTOMER)).invoices == []
    assert billing.due().balance_due_minor == 0
    assert [found.state for found in billing.ask(wire.FindInvoices(numbers=["A-1"]))] == ["draft"]
    assert [found.number for found in billing.ask(wire.ListDrafts()).invoices] == ["A-1"]
    assert billing.events(wire.InvoiceSent) == []


def test_another_customers_invoice_looks_like_one_that_does_not_exist(billing: Billing):
    invoice = billing.sent(5_000)
    answers = []
    for invoice_id in (invoice.summary.invoice_id, "0190b000-0000-7000-8000-0000000000ff"):
        with pytest.raises(Refused) as refused:
            billing.ask(wire.GetInvoice(customer_id=NEIGHBOUR, invoice_id=invoice_id))
        answers.append((refused.value.code, refused.value.message, refused.value.details))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("choose", ["draft", "voided_draft", "neighbours"])
def test_what_is_not_visible_can_be_neither_held_nor_paid(billing: Billing, choose: str):
    hidden = {
        "draft": lambda: billing.draft(5_000),
        "voided_draft": lambda: billing.void(billing.draft(5_000)),
        "neighbours": lambda: billing.sent(5_000, customer_id=NEIGHBOUR),
    }[choose]()
    with pytest.raises(Refused) as refused:
        billing.hold(5_000, hidden)
    assert refused.value.code == codes.NOT_FOUND
    billing.hear(succeeded(5_000, invoices=[(hidden, 5_000)]))
    (allocated,) = billing.events(wire.PaymentAllocated)
    assert (allocated.allocations, allocated.credit_minor) == ([], 5_000)


def test_a_sent_invoice_is_visible_owed_and_announced_with_all_that_listeners_need(billing: Billing):
    draft = billing.ask(
        wire.CreateInvoice(
            key="k",
            customer_id=CUSTOMER,
            issued_on=date(2026, 3, 9),
            due_on=date(2026, 4, 8),
            lines=[line(4_000, "Mowing"), line(-500, "Discount")],
            memo="Thank you",
        )
    )
    sent = billing.send(draft)
    assert (sent.summary.state, sent.summary.open_minor) == ("sent", 3_500)
    assert billing.get(sent) == sent
    assert sent.summary.description == "Mowing + 1 more"
    assert [part.description for part in sent.lines] == ["Mowing", "Discount"]
    (event,) = billing.events(wire.InvoiceSent)
    assert sent.summary.sent_at is not None
    assert event == wire.InvoiceSent(
        invoice_id=sent.summary.invoice_id,
        customer_id=CUSTOMER,
        number=sent.summary.number,
        currency="USD",
        total_minor=3_500,
        issued_on=date(2026, 3, 9),
        due_on=date(2026, 4, 8),
        sent_at=sent.summary.sent_at,
        effective_on=TODAY,
        lines=[line(4_000, "Mowing"), line(-500, "Discount")],
        memo="Thank you",
        origin="portal",
    )
    (envelope,) = billing.envelopes()
    assert (envelope.aggregate_id, envelope.ordering_key) == (event.invoice_id, CUSTOMER)


def test_sending_again_changes_and_announces_nothing(billing: Billing):
    sent = billing.sent(5_000)
    billing.today = date(2026, 3, 20)
    assert billing.send(sent).summary.sent_at == sent.summary.sent_at
    assert len(billing.events(wire.InvoiceSent)) == 1


def test_many_are_sent_each_for_itself(billing: Billing):
    first, second, void = billing.draft(1), billing.sent(2), billing.void(billing.draft(3))
    ids = [view.summary.invoice_id for view in (first, second, void)]
    results = billing.ask(wire.SendInvoices(invoice_ids=[*ids, "unknown", ids[0]]))
    assert [(result.row, result.status, result.code) for result in results] == [
        (1, "updated", None),
        (2, "unchanged", None),
        (3, "refused", codes.WRONG_STATE),
        (4, "refused", codes.NOT_FOUND),
        (5, "unchanged", None),
    ]
    assert [event.invoice_id for event in billing.events(wire.InvoiceSent)] == [ids[1], ids[0]]


def test_due_today_is_not_past_due_and_tomorrow_it_is(billing: Billing):
    invoice = billing.sent(99, due_on=date(2026, 3, 31))
    billing.today = date(2026, 3, 31)
    assert not billing.get(invoice).summary.past_due
    assert billing.due().past_due_minor == 0
    billing.today = date(2026, 4, 1)
    assert billing.get(invoice).summary.past_due
    assert (billing.due().past_due_minor, billing.due().balance_due_minor) == (99, 99)


def test_99_cents_are_not_paid_by_98(billing: Billing):
    invoice = billing.sent(99)
    billing.hear(succeeded(98))
    assert billing.open_minor(invoice) == 1
    assert billing.ask(wire.ListInvoices(customer_id=CUSTOMER, filter="paid")).invoices == []


def test_voiding_a_paid_invoice_gives_the_money_back_as_a_credit(billing: Billing):
    invoice = billing.sent(5_000)
    billing.hear(succeeded(3_000))
    billing.credit(1_000)
    billing.today = date(2026, 4, 2)
    void = billing.void(invoice, reason="billed twice")
    assert (void.summary.state, void.summary.open_minor) == ("void", 0)
    assert all(allocation.reversed_at is not None for allocation in void.allocations)
    (reversed_,) = billing.events(wire.AllocationsReversed)
    assert sorted(part.amount_minor for part in reversed_.allocations) == [1_000, 3_000]
    assert reversed_.effective_on == date(2026, 4, 2)
    (voided,) = billing.events(wire.InvoiceVoided)
    assert (voided.was_sent, voided.reason, voided.effective_on) == (True, "billed twice", date(2026, 4, 2))
    credit = billing.events(wire.CreditCreated)[-1]
    assert (credit.kind, credit.amount_minor, credit.source_id) == (
        "voided_invoice",
        4_000,
        invoice.summary.invoice_id,
    )


def test_a_void_invoice_stays_in_sight_if_it_was_sent(billing: Billing):
    sent, draft = billing.sent(100), billing.draft(200)
    billing.void(sent)
    billing.void(draft)
    page = billing.ask(wire.ListInvoices(customer_id=CUSTOMER))
    assert [(found.number, found.state) for found in page.invoices] == [(sent.summary.number, "void")]
    assert billing.due().invoices == []
    assert [event.was_sent for event in billing.events(wire.InvoiceVoided)] == [True, False]


def test_the_credit_of_a_voided_invoice_goes_to_the_next_one(billing: Billing):
    first, second = billing.sent(5_000), billing.sent(8_000)
    billing.hear(succeeded(5_000, invoices=[(first, 0)]))
    billing.void(first)
    assert billing.open_minor(second) == 3_000
    names = [envelope.name for envelope in billing.envelopes()]
    assert names[-4:] == [
        "billing.allocations_reversed",
        "billing.invoice_voided",
        "billing.credit_created",
        "billing.credit_applied",
    ]


def test_voiding_again_changes_nothing(billing: Billing):
    void = billing.void(billing.sent(100))
    assert billing.void(void) == void
    assert len(billing.events(wire.InvoiceVoided)) == 1
    with pytest.raises(Refused) as refused:
        billing.send(void)
    assert refused.value.code == codes.WRONG_STATE


def test_an_invoice_that_is_being_paid_cannot_be_voided(billing: Billing):
    invoice = billing.sent(5_000)
    hold = billing.hold(5_000)
    with pytest.raises(Refused) as refused:
        billing.void(invoice)
    assert refused.value.code == codes.WRONG_STATE
    assert billing.open_minor(invoice) == 5_000
    billing.release(hold.payment_id)
    assert billing.void(invoice).summary.state == "void"


def test_the_versions_of_an_invoices_events_grow(billing: Billing):
    invoice = billing.sent(5_000)
    billing.hear(succeeded(1_000))
    billing.void(invoice)
    versions = [
        envelope.aggregate_version
        for envelope in billing.envelopes()
        if envelope.aggregate_id == invoice.summary.invoice_id
    ]
    assert versions == [1, 2, 3]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [line(100), line(-100)]}, "lines"),
        ({"lines": [line(-5)]}, "lines"),
        ({"lines": [line(10**12)]}, "lines"),
        ({"lines": [wire.InvoiceLine(description="x", unit_price_minor=1, amount_minor=1, quantity="many")]}, "lines"),
        ({"due_on": date(2026, 3, 9)}, "due_on"),
        ({"issued_on": date(1820, 1, 1)}, "issued_on"),
        ({"number": " A-1"}, "number"),
        ({"number": ""}, "number"),
        ({"customer_id": ""}, "customer_id"),
        ({"memo": "x" * 2_001}, "memo"),
        ({"memo": "bell\a"}, "memo"),
        ({"key": ""}, "key"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_written(billing: Billing, changes: dict[str, Any], field: str):
    fields: dict[str, Any] = {
        "key": "k",
        "customer_id": CUSTOMER,
        "issued_on": date(2026, 3, 10),
        "due_on": date(2026, 3, 10),
        "lines": [line(1)],
    }
    with pytest.raises(Refused) as refused:
        billing.ask(wire.CreateInvoice(**(fields | changes)))
    assert (refused.value.code, refused.value.details["field"]) == (codes.INVALID, field)
    assert billing.ask(wire.ListDrafts()).invoices == []


def test_a_number_that_is_taken_is_refused(billing: Billing):
    billing.draft(number="A-1")
    with pytest.raises(Refused) as refused:
        billing.draft(number="A-1", customer_id=NEIGHBOUR)
    assert refused.value.code == codes.CONFLICT


def test_the_same_key_creates_one_draft(billing: Billing):
    command = wire.CreateInvoice(key="once", customer_id=CUSTOMER, issued_on=TODAY, due_on=TODAY, lines=[line(100)])
    assert billing.ask(command) == billing.ask(command)
    assert len(billing.ask(wire.ListDrafts()).invoices) == 1
