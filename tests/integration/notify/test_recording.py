from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event as database_event

from chassis.ids import new_id
from contracts import notify as wire
from contracts.identity import BusinessClockSet, EmailChanged, EmailChangeRequested, PasswordChanged
from contracts.wire import Refused
from services.notify import queries
from services.notify.emails.letter import Sampling
from services.notify.emails.letters import KINDS
from services.notify.operations import contacts, queueing
from tests.support.notify import Notify
from tests.support.notify_events import ANA, EXPIRES_AT, allocated, contact, link, paid, sent, voided


def test_a_sent_invoice_becomes_one_queued_message(notify):
    event = sent()
    notify.hear(contact(), event)
    (delivery,) = notify.deliveries()
    assert (delivery.kind, delivery.source_id, delivery.customer_id) == ("invoice_sent", event.invoice_id, ANA)
    assert (delivery.state, delivery.to, delivery.attempts) == ("queued", "ana@example.com", 0)
    assert delivery.subject == "Invoice 1042 from Green Acres Lawn: $84.50, due March 31, 2026"


def test_two_events_about_one_invoice_make_one_message(notify):
    notify.hear(contact())
    invoice_id = new_id()
    notify.hear(sent(invoice_id), sent(invoice_id))
    notify.hear(sent(invoice_id))
    assert len(notify.deliveries()) == 1


def test_two_kinds_of_message_about_one_thing_are_both_told(notify: Notify):
    invoice_id = new_id()
    notify.hear(contact(), sent(invoice_id))
    with notify.database.transaction() as session:
        for _ in range(2):
            queueing.add_delivery(
                session,
                kind="receipt",
                source_id=invoice_id,
                customer_id=ANA,
                facts=KINDS["receipt"].sample(Sampling(currency="USD", now=notify.clock.now())),
                now=notify.clock.now(),
            )
    assert [delivery.kind for delivery in notify.deliveries()] == ["invoice_sent", "receipt"]


def test_history_brought_along_leaves_no_trace(notify):
    payment_id = new_id()
    notify.hear(
        contact(),
        sent(origin="import"),
        paid(payment_id, origin="import"),
        allocated(payment_id, origin="import"),
    )
    assert notify.deliveries() == []


def test_an_event_before_its_contact_waits_for_it(notify):
    notify.hear(sent())
    assert notify.states() == ["waiting_for_contact"]
    notify.hear(contact())
    (delivery,) = notify.deliveries()
    assert (delivery.state, delivery.to) == ("queued", "ana@example.com")


@pytest.mark.parametrize("contact_first", [True, False])
def test_a_customer_without_an_address_is_unreachable(notify, contact_first):
    events = [contact(email=None), sent()]
    for event in events if contact_first else reversed(events):
        notify.hear(event)
    (delivery,) = notify.deliveries()
    assert (delivery.state, delivery.to) == ("unreachable", None)
    assert "1042" in delivery.subject


def test_contact_and_invoice_in_one_batch_meet_in_either_order(notify):
    other = new_id()
    notify.hear(sent(), contact(), contact(customer_id=other), sent(customer_id=other))
    assert notify.states() == ["queued", "queued"]


def test_a_delivery_that_missed_its_contact_is_found_by_the_worker(notify: Notify):
    """Written at the same moment by two copies of the service, neither saw the other."""
    notify.hear(sent())
    with notify.database.transaction() as session:
        # What the other copy does without seeing the delivery.
        contacts.contact_changed(session, contact(), region="US", now=notify.clock.now())
    assert notify.states() == ["waiting_for_contact"]
    notify.send()
    assert notify.mail.recipients == ["ana@example.com"]


def test_an_older_contact_that_comes_late_changes_nothing(notify):
    notify.hear(contact("new@example.com", version=3))
    notify.hear(contact("old@example.com", version=2))
    notify.hear(sent())
    notify.send()
    assert notify.mail.recipients == ["new@example.com"]


def test_contacts_of_one_batch_are_taken_by_version(notify):
    notify.hear(contact("third@example.com", version=3), contact("second@example.com", version=2), sent())
    assert notify.deliveries()[0].to == "third@example.com"


def test_a_void_invoice_is_withdrawn_while_it_waits(notify):
    queued, waiting = sent(), sent(customer_id=new_id())
    notify.hear(contact())
    notify.hear(queued, waiting)
    notify.hear(voided(queued.invoice_id), voided(waiting.invoice_id, customer_id=waiting.customer_id))
    assert notify.states() == ["withdrawn", "withdrawn"]
    notify.send()
    assert notify.mail.sent == []


def test_an_invoice_sent_after_it_was_void_sends_nothing(notify):
    invoice_id = new_id()
    notify.hear(contact())
    notify.hear(voided(invoice_id))
    notify.hear(sent(invoice_id))
    assert notify.deliveries() == []


def test_void_and_sent_in_one_batch_send_nothing_in_either_order(notify):
    first, second = new_id(), new_id()
    notify.hear(contact(), voided(first), sent(first), sent(second), voided(second))
    notify.send()
    assert notify.mail.sent == []


def test_a_void_invoice_stays_withdrawn_when_its_contact_comes_in_the_same_batch(notify):
    event = sent()
    notify.hear(event, voided(event.invoice_id), contact())
    assert notify.states() == ["withdrawn"]


def test_voiding_what_is_out_already_changes_nothing(notify):
    event = sent()
    notify.hear(contact(), event)
    notify.send()
    notify.hear(voided(event.invoice_id))
    assert notify.states() == ["delivered"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("together", [True, False])
def test_a_receipt_needs_both_facts_in_any_order(notify, order, together):
    payment_id = new_id()
    facts = [paid(payment_id), allocated(payment_id)]
    events = [facts[index] for index in order]
    notify.hear(contact())
    if together:
        notify.hear(*events)
    else:
        notify.hear(events[0])
        assert notify.deliveries() == []
        notify.hear(events[1])
    (delivery,) = notify.deliveries()
    assert (delivery.kind, delivery.source_id, delivery.state) == ("receipt", payment_id, "queued")
    assert delivery.subject == "Receipt for your payment of $100.00 to Green Acres Lawn"


def test_a_payment_that_is_allocated_again_gets_no_second_receipt(notify):
    payment_id = new_id()
    notify.hear(contact(), paid(payment_id), allocated(payment_id))
    notify.hear(allocated(payment_id), paid(payment_id))
    assert len(notify.deliveries()) == 1


def test_a_link_goes_to_its_own_address_without_waiting_for_a_contact(notify):
    link_id = new_id()
    notify.hear(link(link_id))
    notify.hear(link(link_id))
    (delivery,) = notify.deliveries()
    assert (delivery.kind, delivery.state, delivery.to) == ("sign_up_link", "queued", "ana@example.com")
    assert delivery.customer_id == ANA


def test_deliveries_are_listed_newest_first_by_customer_and_state(notify: Notify):
    other = new_id()
    notify.hear(contact(), contact(email=None, customer_id=other))
    notify.hear(*(sent(number=str(number)) for number in range(5)))
    notify.hear(sent(customer_id=other))
    with notify.database.read() as session:

        def page(**query):
            return queries.deliveries(session, wire.ListDeliveries(**query), notify.sender.drafting.subject)

        seen, cursor = [], None
        while True:
            found = page(cursor=cursor, limit=4)
            seen += [delivery.delivery_id for delivery in found.deliveries]
            cursor = found.next_cursor
            if cursor is None:
                break
        assert seen == sorted(seen, reverse=True)
        assert len(seen) == 6
        assert [each.state for each in page(customer_id=other).deliveries] == ["unreachable"]
        assert len(page(state="queued").deliveries) == 5
        with pytest.raises(Refused, match="1 to 500"):
            page(limit=501)


def test_every_state_is_counted(notify: Notify):
    notify.hear(contact(), sent(), sent(customer_id=new_id()))
    with notify.database.read() as session:
        counts = queries.counts(session)
    assert counts == {
        "waiting_for_contact": 1,
        "queued": 1,
        "delivered": 0,
        "failed": 0,
        "unreachable": 0,
        "withdrawn": 0,
    }


def test_the_business_clock_is_followed(notify: Notify):
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    notify.hear(BusinessClockSet(version=2, mode="frozen", frozen_at=at))
    notify.hear(BusinessClockSet(version=1, mode="real"))
    with notify.database.read() as session:
        assert notify.service.clock.now(session) == at


def test_a_batch_of_sent_invoices_costs_a_handful_of_statements(notify: Notify):
    """What makes 10,000 invoices a matter of seconds."""
    notify.hear(contact())
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    database_event.listen(notify.database.engine, "before_cursor_execute", note)
    notify.hear(*(sent() for _ in range(100)))
    assert len(notify.deliveries(limit=500)) == 100
    assert len(statements) <= 8, statements


def test_notices_about_a_log_in_go_to_the_address_that_it_had(notify):
    customer_id = new_id()
    notify.hear(contact("new@example.org", customer_id=customer_id))
    about: dict[str, Any] = {"name": "Ana Lima", "customer_ids": [customer_id]}
    events = (
        EmailChangeRequested(
            link_id=new_id(), email="old@example.com", new_email="new@example.org", expires_at=EXPIRES_AT, **about
        ),
        EmailChanged(change_id=new_id(), former_email="old@example.com", email="new@example.org", **about),
        PasswordChanged(change_id=new_id(), email="old@example.com", changed_at=EXPIRES_AT, **about),
    )
    notify.hear(*events)
    notify.hear(*events)
    notify.send()
    assert notify.mail.recipients == ["old@example.com"] * 3
    assert sorted(each.kind for each in notify.deliveries()) == [
        "email_change_requested",
        "email_changed",
        "password_changed",
    ]
