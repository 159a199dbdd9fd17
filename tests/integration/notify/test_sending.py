import re
from datetime import timedelta

import pytest

from chassis.ids import new_id
from contracts.billing import InvoiceLine
from contracts.notify import Unsubscribe
from services.notify.clients.mail import ConnectionLost, NotNow, Rejected
from services.notify.domain.retries import MOST_TRIES, PAUSES
from services.notify.operations import errands
from services.notify.operations.sending import Sender
from tests.support.notify import Notify
from tests.support.notify_events import ANA, allocated, contact, link, link_token, paid, sent, voided
from tests.support.notify_mail import text_of


def queue(notify: Notify, count: int) -> list[str]:
    """So many invoices for as many customers; their addresses."""
    addresses = [f"customer{number}@example.com" for number in range(count)]
    for address in addresses:
        customer_id = new_id()
        notify.hear(contact(address, customer_id=customer_id), sent(customer_id=customer_id))
    return addresses


def test_what_is_queued_is_sent_once_and_recorded(notify):
    notify.hear(contact(), sent())
    notify.send()
    notify.send()
    assert notify.mail.recipients == ["ana@example.com"]
    (delivery,) = notify.deliveries()
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("delivered", 1, None)
    assert delivery.sent_at is not None
    assert delivery.subject == str(notify.mail.sent[0][1]["Subject"])


def test_what_a_message_said_is_not_kept(notify):
    notify.hear(contact(), sent())
    notify.send()
    assert notify.facts() == [None]


def test_one_connection_serves_many_messages(notify):
    addresses = queue(notify, 30)
    notify.send()
    assert sorted(notify.mail.recipients) == sorted(addresses)
    assert notify.mail.connections == 1


def test_several_connections_share_the_work(notify: Notify):
    addresses = queue(notify, 9)
    sender = Sender(
        database=notify.database,
        mail=notify.mail,
        drafting=notify.sender.drafting,
        clock=notify.clock,
        lanes=4,
    )
    assert sender.send_some()
    assert sorted(notify.mail.recipients) == sorted(addresses)
    assert notify.mail.connections == 4


def test_a_message_goes_to_the_address_on_file_when_it_is_sent(notify):
    notify.hear(contact("old@example.com"), sent())
    notify.hear(contact("new@example.com", version=2))
    notify.send()
    assert notify.mail.recipients == ["new@example.com"]
    assert notify.deliveries()[0].to == "new@example.com"


def test_an_address_removed_before_sending_makes_it_unreachable(notify):
    notify.hear(contact(), sent())
    notify.hear(contact(None, version=2))
    notify.send()
    assert notify.states() == ["unreachable"]
    assert notify.mail.sent == []


def test_a_temporary_refusal_is_tried_again_later_and_later(notify):
    notify.hear(contact(), sent())
    notify.mail.trouble = lambda to: NotNow("451 try again later")
    for tries, pause in enumerate(PAUSES, start=1):
        notify.send()
        (delivery,) = notify.deliveries()
        assert (delivery.state, delivery.attempts, delivery.last_error) == ("queued", tries, "451 try again later")
        notify.clock.later(seconds=pause.total_seconds() - 5)
        notify.send()
        assert notify.deliveries()[0].attempts == tries
        notify.clock.later(seconds=10)
    notify.send()
    assert (notify.deliveries()[0].state, notify.deliveries()[0].attempts) == ("failed", MOST_TRIES)
    notify.clock.later(days=2)
    notify.mail.trouble = lambda to: None
    notify.send()
    assert notify.mail.sent == []


def test_a_message_refused_at_first_gets_through_at_last(notify):
    notify.hear(contact(), sent())
    notify.mail.trouble = lambda to: NotNow("greylisted")
    notify.send()
    notify.mail.trouble = lambda to: None
    notify.clock.later(minutes=1)
    notify.send()
    (delivery,) = notify.deliveries()
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("delivered", 2, None)


def test_a_permanent_refusal_fails_at_once_and_alone(notify):
    queue(notify, 3)
    notify.mail.trouble = lambda to: Rejected("550 no such mailbox") if to.startswith("customer1") else None
    notify.send()
    assert sorted(notify.states()) == ["delivered", "delivered", "failed"]
    failed = next(delivery for delivery in notify.deliveries() if delivery.state == "failed")
    assert (failed.to, failed.attempts, failed.last_error) == ("customer1@example.com", 1, "550 no such mailbox")


def test_a_server_that_cannot_be_reached_puts_everything_off(notify):
    queue(notify, 3)
    notify.mail.refuses_connections = ConnectionLost("mail.example.com:587: refused")
    notify.send()
    assert notify.states() == ["queued"] * 3
    notify.mail.refuses_connections = None
    notify.clock.later(minutes=1)
    notify.send()
    assert notify.states() == ["delivered"] * 3


def test_a_connection_lost_in_between_is_opened_anew_for_the_rest(notify):
    queue(notify, 4)
    notify.mail.trouble = lambda to: ConnectionLost("reset by peer") if to.startswith("customer1") else None
    notify.send()
    assert sorted(notify.states()) == ["delivered", "delivered", "delivered", "queued"]
    assert notify.mail.connections == 2


def test_two_workers_at_once_take_different_messages(notify: Notify):
    queue(notify, 6)
    now = notify.clock.now()
    with notify.database.transaction() as session:
        first = errands.claim(session, now=now, limit=4)
    with notify.database.transaction() as session:
        second = errands.claim(session, now=now, limit=4)
    assert len(first) == 4
    assert len(second) == 2
    assert not {each.delivery_id for each in first} & {each.delivery_id for each in second}


def test_what_a_dead_worker_took_is_sent_after_its_lease_with_the_same_message_id(notify: Notify):
    class PowerCut(BaseException):
        pass

    def cut_off(to):
        raise PowerCut

    notify.hear(contact(), sent())
    notify.mail.on_send = cut_off
    with pytest.raises(PowerCut):
        notify.send()
    notify.mail.on_send = lambda to: None
    notify.send()
    assert notify.mail.sent == []
    notify.clock.later(seconds=errands.LEASE.total_seconds() + 1)
    notify.send()
    (delivery,) = notify.deliveries()
    assert (delivery.state, delivery.attempts) == ("delivered", 2)
    assert notify.mail.sent[0][1]["Message-ID"] == f"<{delivery.delivery_id}@greenacres.example>"


def test_a_message_that_keeps_killing_its_worker_is_given_up(notify: Notify):
    notify.hear(contact(), sent())
    for _ in range(MOST_TRIES):
        with notify.database.transaction() as session:
            assert len(errands.claim(session, now=notify.clock.now(), limit=1)) == 1
        notify.clock.later(seconds=(errands.LEASE + timedelta(seconds=1)).total_seconds())
    notify.send()
    assert notify.states() == ["failed"]
    assert notify.mail.sent == []


def test_an_invoice_voided_while_others_are_sent_is_not_sent(notify):
    first, second = sent(), sent()
    notify.hear(contact(), first, second)

    def void_the_rest(to):
        notify.mail.on_send = lambda to: None
        for event in (first, second):
            notify.hear(voided(event.invoice_id))

    notify.mail.on_send = void_the_rest
    notify.send()
    assert len(notify.mail.sent) == 1
    # The one that was on its way has arrived, and the record says so.
    assert sorted(notify.states()) == ["delivered", "withdrawn"]


def test_a_links_secret_is_fetched_when_it_is_sent_and_kept_nowhere(notify: Notify):
    link_id = new_id()
    notify.hear(link(link_id))
    assert notify.identity.asked == 0
    notify.identity.valid[link_id] = link_token("s3cr3t-token", email="ana.lima@example.com")
    notify.send()
    ((to, message),) = notify.mail.sent
    assert to == "ana.lima@example.com"
    assert "https://portal.greenacres.example/set-password/s3cr3t-token" in text_of(message)
    assert "s3cr3t-token" not in str(notify.deliveries()) + str(notify.facts())


def test_a_link_that_is_used_or_replaced_is_withdrawn(notify):
    notify.hear(link(new_id()))
    notify.send()
    assert notify.states() == ["withdrawn"]
    assert notify.mail.sent == []


def test_a_link_waits_while_identity_is_away(notify: Notify):
    link_id = new_id()
    notify.hear(link(link_id))
    notify.identity.valid[link_id] = link_token("s3cr3t-token")
    notify.identity.is_away = True
    notify.send()
    assert notify.states() == ["queued"]
    notify.identity.is_away = False
    notify.clock.later(minutes=1)
    notify.send()
    assert notify.states() == ["delivered"]


def test_one_message_that_cannot_be_made_does_not_stop_the_others(notify: Notify):
    bad, good = new_id(), sent()
    unreadable = InvoiceLine(description="Mowing", unit_price_minor=1, amount_minor=1, quantity="many")
    notify.hear(contact(), sent(bad, lines=[unreadable]), good)
    notify.send()
    assert sorted(notify.states()) == ["delivered", "queued"]
    put_off = next(each for each in notify.deliveries() if each.source_id == bad)
    assert put_off.last_error == "the message cannot be made: InvalidOperation"


def test_a_receipt_is_sent(notify):
    payment_id = new_id()
    notify.hear(contact(), paid(payment_id), allocated(payment_id))
    notify.send()
    ((to, message),) = notify.mail.sent
    assert to == "ana@example.com"
    assert "$100.00" in message["Subject"]
    assert notify.deliveries(customer_id=ANA)[0].state == "delivered"


def test_an_e_mail_of_which_there_is_a_choice_can_be_switched_off_by_its_link(notify: Notify):
    notify.hear(contact(), sent())
    notify.send()
    ((_, message),) = notify.mail.sent
    # As it goes over the wire: not encoded, not broken.
    raw = message.as_bytes().decode()
    (url,) = re.findall(r"^List-Unsubscribe: <(https://\S+/unsubscribe/\S+)>\r?$", raw, re.MULTILINE)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw
    assert url in text_of(message)
    notify.ask(Unsubscribe(token=url.rpartition("/")[2]))
    notify.hear(sent())
    notify.send()
    assert len(notify.mail.sent) == 1


def test_a_receipt_cannot_be_switched_off(notify: Notify):
    payment_id = new_id()
    notify.hear(contact(), paid(payment_id), allocated(payment_id))
    notify.send()
    ((_, message),) = notify.mail.sent
    assert message["List-Unsubscribe"] is None
    assert "unsubscribe" not in text_of(message)
