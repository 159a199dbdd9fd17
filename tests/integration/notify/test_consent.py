"""Consent to texts: given on the page or from the phone, for one number, and ended at once."""

import pytest
from sqlalchemy import select

from contracts import codes
from contracts.wire import Refused
from services.notify.models import ConsentRecord
from tests.support.notify import Notify
from tests.support.notify_business import settings
from tests.support.notify_customers import (
    NUMBER,
    OTHER_NUMBER,
    OTHER_PHONE,
    PHONE,
    agree,
    decline,
    has_phone,
    page,
)
from tests.support.notify_texting import incoming

BEN = "0190a000-0000-7000-8000-00000000be40"


def test_texts_are_off_until_a_customer_agrees(ana: Notify):
    seen = page(ana)
    assert (seen.switch, seen.number, seen.number_shown, seen.history) == ("off", NUMBER, PHONE, [])


def test_the_words_say_who_what_how_often_what_it_costs_and_how_to_end_it(ana: Notify):
    words = page(ana).consent.text
    for part in (
        settings().business_name,
        PHONE,
        "reminders of visits",
        "one or two for each visit",
        "never marketing",
        "Msg & data rates may apply",
        "Reply STOP",
        "HELP for help",
    ):
        assert part in words


def test_agreeing_keeps_the_exact_words_and_where_they_came_from_and_a_confirmation_follows(ana: Notify):
    words = page(ana).consent
    seen = agree(ana)
    assert seen.switch == "on"
    (entry,) = seen.history
    assert (entry.action, entry.source, entry.number) == ("opt_in", "portal", NUMBER)
    assert (entry.text, entry.text_version) == (words.text, words.version)
    assert (entry.ip_address, entry.user_agent) == ("203.0.113.7", "Firefox")
    ana.send_texts()
    ((to, body),) = ana.texting.sent
    assert to == NUMBER
    assert "Reply HELP for help, STOP to stop." in body


def test_agreeing_twice_is_agreeing_once(ana: Notify):
    agree(ana)
    assert len(agree(ana).history) == 1
    ana.send_texts()
    assert len(ana.texting.sent) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"agreed": False}, codes.INVALID),
        ({"number": OTHER_NUMBER}, codes.CONFLICT),
        ({"consent_version": "2019-01-00000000"}, codes.CONFLICT),
    ],
)
def test_without_a_tick_for_another_number_or_other_words_nothing_is_agreed(ana: Notify, changes, code):
    with pytest.raises(Refused) as refused:
        agree(ana, **changes)
    assert refused.value.code == code
    assert page(ana).switch == "off"


def test_turning_off_ends_it_and_is_kept(ana: Notify):
    agree(ana)
    seen = decline(ana)
    assert seen.switch == "off"
    assert [(entry.action, entry.source) for entry in seen.history] == [("opt_out", "portal"), ("opt_in", "portal")]
    assert len(decline(ana).history) == 2


def test_a_text_that_waits_is_not_sent_once_texts_are_off(ana: Notify):
    agree(ana)
    decline(ana)
    ana.send_texts()
    assert ana.texting.sent == []
    assert [text.state for text in ana.texts()] == ["withdrawn"]


def test_a_changed_phone_number_needs_a_new_opt_in(ana: Notify):
    agree(ana)
    has_phone(ana, OTHER_PHONE, version=2)
    seen = page(ana)
    assert (seen.switch, seen.number) == ("off", OTHER_NUMBER)
    assert (seen.history[0].action, seen.history[0].source) == ("opt_out", "phone_changed")
    has_phone(ana, PHONE, version=3)
    assert page(ana).switch == "off"


def test_the_same_number_written_otherwise_needs_none(ana: Notify):
    agree(ana)
    has_phone(ana, "+1 607.555.0142", version=2)
    assert page(ana).switch == "on"


def test_an_older_word_about_the_phone_ends_nothing(ana: Notify):
    has_phone(ana, PHONE, version=5)
    agree(ana)
    has_phone(ana, OTHER_PHONE, version=4)
    assert page(ana).switch == "on"


@pytest.mark.parametrize(("phone", "switch"), [(None, "no_phone"), ("ask my wife", "not_a_number")])
def test_without_a_number_that_can_be_called_the_page_says_so(notify: Notify, phone, switch):
    has_phone(notify, phone)
    assert page(notify).switch == switch
    with pytest.raises(Refused) as refused:
        agree(notify)
    assert refused.value.code == codes.WRONG_STATE


def test_a_customer_not_heard_of_yet_has_a_page(notify: Notify):
    assert page(notify).switch == "no_phone"


def test_in_a_household_each_account_agrees_for_itself(ana: Notify):
    has_phone(ana, PHONE, customer_id=BEN)
    agree(ana)
    assert page(ana, BEN).switch == "off"


def test_in_a_household_stop_from_the_phone_ends_it_for_all(ana: Notify):
    has_phone(ana, PHONE, customer_id=BEN)
    agree(ana)
    agree(ana, BEN)
    ana.ask(incoming(NUMBER, "STOP"))
    assert [page(ana, each).switch for each in (BEN,)] == ["blocked"]
    assert page(ana).history[0].action == "opt_out"
    assert page(ana, BEN).history[0].action == "opt_out"
    ana.ask(incoming(NUMBER, "START"))
    assert page(ana).switch == page(ana, BEN).switch == "on"


def test_entries_are_only_ever_added(ana: Notify):
    agree(ana)
    with ana.database.read() as session:
        first = session.scalars(select(ConsentRecord)).one()
        kept = (first.entry_id, first.words, first.occurred_at)
    decline(ana)
    agree(ana)
    with ana.database.read() as session:
        rows = session.scalars(select(ConsentRecord).order_by(ConsentRecord.entry_id)).all()
    assert [row.action for row in rows] == ["opt_in", "opt_out", "opt_in"]
    assert (rows[0].entry_id, rows[0].words, rows[0].occurred_at) == kept
