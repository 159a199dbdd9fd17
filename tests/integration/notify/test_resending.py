"""Messages that nobody got are sent again when somebody has mended the cause."""

import pytest

from chassis.ids import new_id
from contracts import codes
from contracts.notify import DeliveryView, ResendDelivery
from contracts.wire import Refused
from services.notify.clients.mail import ConnectionLost, Rejected
from tests.support.notify import Notify
from tests.support.notify_events import contact, link, link_token, sent, voided


def refuse_all(notify: Notify) -> None:
    notify.mail.trouble = lambda to: Rejected(f"550 no mailbox {to}")


def failed_invoice(notify: Notify, invoice_id: str | None = None) -> DeliveryView:
    """An invoice's e-mail that the mail server refused for good."""
    refuse_all(notify)
    notify.hear(contact(), sent(invoice_id))
    notify.send()
    (delivery,) = notify.deliveries(state="failed")
    notify.mail.trouble = lambda to: None
    return delivery


def resend(notify: Notify, delivery_id: str) -> DeliveryView:
    return notify.ask(ResendDelivery(delivery_id=delivery_id))


def test_a_failed_message_is_sent_again_as_if_it_had_never_been_tried(notify: Notify):
    failed = failed_invoice(notify)
    assert failed.last_error == "550 no mailbox ana@example.com"

    queued = resend(notify, failed.delivery_id)
    assert (queued.state, queued.attempts, queued.last_error) == ("queued", 0, None)
    notify.send()

    (delivery,) = notify.deliveries()
    assert (delivery.state, delivery.attempts) == ("delivered", 1)
    assert notify.mail.recipients == ["ana@example.com"]


def test_it_has_all_its_tries_before_it_again(notify: Notify):
    failed = failed_invoice(notify)
    resend(notify, failed.delivery_id)
    notify.mail.refuses_connections = ConnectionLost("421 busy")
    notify.send()
    (delivery,) = notify.deliveries()
    assert (delivery.state, delivery.attempts) == ("queued", 1)


def test_asking_twice_sends_one_message(notify: Notify):
    failed = failed_invoice(notify)
    assert resend(notify, failed.delivery_id) == resend(notify, failed.delivery_id)
    notify.send()
    assert len(notify.mail.sent) == 1


def test_one_that_was_delivered_is_not_sent_twice(notify: Notify):
    failed = failed_invoice(notify)
    resend(notify, failed.delivery_id)
    notify.send()
    with pytest.raises(Refused) as refused:
        resend(notify, failed.delivery_id)
    assert refused.value.code == codes.WRONG_STATE
    notify.send()
    assert len(notify.mail.sent) == 1


def test_it_goes_to_the_address_that_is_on_file_by_then(notify: Notify):
    failed = failed_invoice(notify)
    notify.hear(contact("new@example.com", version=2))
    assert resend(notify, failed.delivery_id).to == "new@example.com"
    notify.send()
    assert notify.mail.recipients == ["new@example.com"]


def test_a_failed_message_to_a_customer_who_has_no_address_any_more_is_not_promised(notify: Notify):
    failed = failed_invoice(notify)
    notify.hear(contact(None, version=2))
    with pytest.raises(Refused) as refused:
        resend(notify, failed.delivery_id)
    assert refused.value.code == codes.WRONG_STATE
    assert notify.states() == ["failed"]


def test_a_customer_without_an_address_is_reached_once_there_is_one(notify: Notify):
    notify.hear(contact(None), sent())
    (unreachable,) = notify.deliveries(state="unreachable")
    with pytest.raises(Refused) as refused:
        resend(notify, unreachable.delivery_id)
    assert (refused.value.code, "no e-mail address" in refused.value.message) == (codes.WRONG_STATE, True)

    notify.hear(contact("ana@example.com", version=2))
    assert resend(notify, unreachable.delivery_id).to == "ana@example.com"
    notify.send()
    assert notify.states() == ["delivered"]


def test_a_message_about_an_invoice_that_was_voided_meanwhile_leaves_the_list_and_is_not_sent(notify: Notify):
    invoice_id = new_id()
    failed = failed_invoice(notify, invoice_id)
    notify.hear(voided(invoice_id))
    assert notify.deliveries(state="failed") == []
    with pytest.raises(Refused) as refused:
        resend(notify, failed.delivery_id)
    assert refused.value.code == codes.WRONG_STATE
    notify.send()
    assert notify.mail.sent == []


def test_a_link_that_is_too_old_by_then_is_withdrawn_instead(notify: Notify):
    link_id = new_id()
    notify.identity.valid[link_id] = link_token("t" * 43)
    refuse_all(notify)
    notify.hear(contact(), link(link_id))
    notify.send()
    (failed,) = notify.deliveries(state="failed")
    notify.mail.trouble = lambda to: None
    del notify.identity.valid[link_id]

    resend(notify, failed.delivery_id)
    notify.send()
    assert notify.states() == ["withdrawn"]
    assert notify.mail.sent == []


def test_a_message_that_does_not_exist_is_named_as_such(notify: Notify):
    with pytest.raises(Refused) as refused:
        resend(notify, new_id())
    assert refused.value.code == codes.NOT_FOUND
