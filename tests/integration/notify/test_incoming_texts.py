"""Texts from phones: kept once, and STOP, START, HELP and everything else answered."""

from dataclasses import replace

import msgspec
import pytest

from contracts import codes
from contracts.notify import ListContactMessages, ReceiveText
from contracts.wire import Refused
from tests.support.notify import Notify
from tests.support.notify_business import settings
from tests.support.notify_customers import NUMBER, OTHER_NUMBER, OTHER_PHONE, PHONE, agree, has_phone, page
from tests.support.notify_events import ANA
from tests.support.notify_mail import text_of
from tests.support.notify_texting import PORTAL, incoming, signature


def reply(notify: Notify, body: str, number: str = NUMBER, **fields: str) -> str | None:
    return notify.ask(incoming(number, body, **fields)).reply


@pytest.mark.parametrize("word", ["STOP", " stop! ", "Opt out", "UNSUBSCRIBE"])
def test_stop_opts_out_at_once_with_one_confirmation(ana: Notify, word):
    agree(ana)
    assert "texts are off" in (reply(ana, word) or "")
    entry = page(ana).history[0]
    assert (entry.action, entry.source, entry.text) == ("opt_out", "text", word)
    assert reply(ana, word) is None
    ana.send_texts()
    assert ana.texting.sent == []


def test_a_stop_that_the_carrier_heard_too_can_only_be_lifted_from_the_phone(ana: Notify):
    agree(ana)
    reply(ana, "stop")
    assert page(ana).switch == "blocked"
    with pytest.raises(Refused) as refused:
        agree(ana)
    assert refused.value.code == codes.WRONG_STATE
    assert page(ana).text_us_at == "(607) 555-0100"
    assert "service reminders" in (reply(ana, "Start") or "")
    assert page(ana).switch == "on"


def test_a_stop_that_no_carrier_knows_can_be_taken_back_on_the_page(ana: Notify):
    agree(ana)
    reply(ana, "opt out")
    assert page(ana).switch == "off"
    assert agree(ana).switch == "on"
    assert "texts are off" in (reply(ana, "opt out") or "")


@pytest.mark.parametrize("word", ["START", "UNSTOP", "yes"])
def test_start_from_the_phone_opts_in(ana: Notify, word):
    assert "service reminders" in (reply(ana, word) or "")
    seen = page(ana)
    assert (seen.switch, seen.history[0].source, seen.history[0].text) == ("on", "text", word)


def test_start_from_a_phone_that_is_nobodys_says_what_to_do(ana: Notify):
    assert "no account with this number" in (reply(ana, "START", OTHER_NUMBER) or "")


@pytest.mark.parametrize("word", ["HELP", "info"])
def test_help_answers_with_the_business_contact(ana: Notify, word):
    answer = reply(ana, word) or ""
    assert settings().business_phone in answer
    assert settings().business_email in answer


def test_twilios_own_opt_out_has_answered_already(ana: Notify):
    agree(ana)
    assert reply(ana, "arrêt", OptOutType="STOP") is None
    assert page(ana).switch == "blocked"


def test_the_same_webhook_again_gets_the_same_answer_and_changes_nothing(ana: Notify):
    agree(ana)
    stop = incoming(NUMBER, "opt out")
    first = ana.ask(stop)
    agree(ana)
    again = ana.ask(stop)
    assert (again.reply, again.duplicate) == (first.reply, True)
    assert page(ana).switch == "on"


def test_a_phone_that_answers_by_itself_is_not_answered_for_ever(ana: Notify):
    assert "passed your message on" in (reply(ana, "I am driving") or "")
    assert reply(ana, "I am driving") is None


def test_what_people_write_reaches_the_business_with_who_wrote(ana: Notify):
    reply(ana, "The gate code is 1234 \N{WAVING HAND SIGN}")
    (message,) = ana.ask(ListContactMessages()).messages
    assert (message.customer_id, message.name, message.phone) == (ANA, "Ana Lima", PHONE)
    assert message.message == "The gate code is 1234 \N{WAVING HAND SIGN}"
    ana.send()
    ((to, mail),) = ana.mail.sent
    assert to == settings().business_email
    assert "The gate code is 1234" in text_of(mail)
    assert str(mail["Reply-To"]) == "Ana Lima <ana@example.com>"


def test_the_same_text_again_is_passed_on_once(ana: Notify):
    told = incoming(NUMBER, "Running late")
    ana.ask(told)
    ana.ask(told)
    assert len(ana.ask(ListContactMessages()).messages) == 1


def test_a_stranger_and_a_household_are_passed_on_by_their_number(ana: Notify):
    has_phone(ana, PHONE, customer_id="0190a000-0000-7000-8000-00000000be40")
    reply(ana, "Who is this?")
    reply(ana, "", OTHER_NUMBER)
    messages = ana.ask(ListContactMessages()).messages
    assert [(each.customer_id, each.name) for each in messages] == [(None, OTHER_PHONE), (None, PHONE)]
    assert "picture" in messages[0].message


def test_a_flood_is_kept_and_not_e_mailed_one_by_one(ana: Notify):
    for number in range(15):
        reply(ana, f"Again {number}")
    assert len(ana.ask(ListContactMessages()).messages) == 10


@pytest.mark.parametrize(
    "forge",
    [
        lambda told: msgspec.structs.replace(told, signature="x" * 28),
        lambda told: msgspec.structs.replace(told, fields={**told.fields, "Body": "START"}),
        lambda told: msgspec.structs.replace(told, url=told.url.replace("portal", "evil")),
        lambda told: msgspec.structs.replace(told, url=f"{PORTAL}/webhooks/twilio/status"),
    ],
)
def test_a_forged_webhook_is_refused(ana: Notify, forge):
    with pytest.raises(Refused) as refused:
        ana.ask(forge(incoming(NUMBER, "STOP")))
    assert refused.value.code == codes.INVALID


@pytest.mark.parametrize("fields", [{"From": "Bank"}, {"MessageSid": ""}, {"From": ""}])
def test_what_is_no_text_from_a_phone_is_refused(ana: Notify, fields):
    told = incoming(NUMBER, "STOP").fields | fields
    url = f"{PORTAL}/webhooks/twilio/messages"
    with pytest.raises(Refused) as refused:
        ana.ask(ReceiveText(url=url, fields=told, signature=signature(url, told)))
    assert refused.value.code == codes.INVALID


def test_without_twilio_nothing_is_offered_and_no_webhook_is_genuine(ana: Notify):
    terms = replace(ana.text_desk.terms, is_offered=False)
    ana.service.text_desk = replace(ana.text_desk, terms=terms, texting=None)
    assert page(ana).switch == "not_offered"
    for ask in (lambda: agree(ana), lambda: reply(ana, "START")):
        with pytest.raises(Refused):
            ask()
