"""What customers chose to get, and that senders heed it."""

import pytest

from contracts import codes
from contracts.notify import ChooseNotifications, InspectUnsubscribing, Unsubscribe
from contracts.wire import Refused
from services.notify.operations.choosing import Ways, reminder_ways
from tests.support.notify import Notify
from tests.support.notify_customers import agree, decline, page
from tests.support.notify_events import ANA, allocated, paid, sent


def choose(notify: Notify, *emails: str, reminder: str = "email") -> None:
    notify.ask(ChooseNotifications(customer_id=ANA, emails=list(emails), visit_reminder=reminder))  # type: ignore[arg-type]


def ways(notify: Notify, *, offered: bool = True) -> tuple[bool, bool]:
    with notify.database.read() as session:
        found: Ways = reminder_ways(session, ANA, texts_offered=offered)
    return found.email, found.text


def test_everything_is_wanted_until_chosen_otherwise(ana: Notify):
    assert page(ana).choices.emails == ["invoice_sent", "visit_reminder", "statement_ready", "card_expiring"]
    assert page(ana).choices.visit_reminder is None


def test_an_unwanted_invoice_e_mail_is_not_sent_and_the_receipt_is(ana: Notify):
    choose(ana, "statement_ready")
    ana.hear(sent(), paid("payment-1"), allocated("payment-1"))
    ana.send()
    assert [(each.kind, each.state) for each in ana.deliveries()] == [
        ("invoice_sent", "withdrawn"),
        ("receipt", "delivered"),
    ]
    assert ana.deliveries()[0].last_error == "the customer does not want this kind of e-mail"


@pytest.mark.parametrize(
    ("way", "with_texts", "without"),
    [
        (None, (True, True), (True, False)),
        # Turning texts on is a later word than what was chosen before.
        ("email", (True, True), (True, False)),
        ("text", (False, True), (True, False)),
        ("both", (True, True), (True, False)),
        ("none", (False, True), (False, False)),
    ],
)
def test_a_reminder_goes_the_way_that_was_chosen_and_by_e_mail_where_texts_are_off(
    ana: Notify, way, with_texts, without
):
    if way is not None:
        choose(ana, "invoice_sent", reminder=way)
    assert ways(ana) == without
    agree(ana)
    assert ways(ana) == with_texts
    assert ways(ana, offered=False) == without
    decline(ana)
    assert ways(ana) == without


def test_a_link_switches_one_kind_off_and_only_when_it_is_used(ana: Notify):
    token = ana.service.unsubscribe_tokens.write(ANA, "invoice_sent")
    looked = ana.ask(InspectUnsubscribing(token=token))
    assert (looked.kind, looked.email, looked.is_off) == ("invoice_sent", "ana@example.com", False)
    assert ana.ask(Unsubscribe(token=token)).is_off
    assert ana.ask(Unsubscribe(token=token)).is_off
    assert page(ana).choices.emails == ["visit_reminder", "statement_ready", "card_expiring"]


def test_without_e_mailed_reminders_the_texts_stay(ana: Notify):
    agree(ana)
    ana.ask(Unsubscribe(token=ana.service.unsubscribe_tokens.write(ANA, "visit_reminder")))
    assert ways(ana) == (False, True)
    decline(ana)
    assert ways(ana) == (False, False)
    choose(ana, reminder="email")
    assert ways(ana) == (True, False)


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1], lambda token: token + "x", lambda _: "", lambda _: "é" * 9]
)
def test_a_link_that_is_not_ours_switches_nothing_off(ana: Notify, change):
    token = change(ana.service.unsubscribe_tokens.write(ANA, "invoice_sent"))
    for command in (InspectUnsubscribing, Unsubscribe):
        with pytest.raises(Refused) as refused:
            ana.ask(command(token=token))
        assert refused.value.code == codes.LINK_NOT_VALID
