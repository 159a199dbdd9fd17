"""Notifications: consent is asked with its exact words, and what the phone and its carrier say is shown."""

from datetime import UTC, datetime

import pytest

from contracts import codes, notify
from contracts.wire import Refused
from tests.support.gateway import ANA
from tests.support.gateway_notifications import NUMBER, SHOWN, WORDS, a_consent_entry, some_notifications

VERSION = "2026-11-0a1b2c3d"


@pytest.fixture(autouse=True)
def answering(backend):
    backend.answers(notify.GetNotifications, some_notifications())
    backend.answers(notify.TurnTextsOn, some_notifications(switch="on"))
    backend.answers(notify.TurnTextsOff, some_notifications())
    backend.answers(notify.ChooseNotifications, notify.ChoicesView(emails=[]))


def test_the_page_is_one_round_of_calls(ana, backend):
    page = ana.get("/notifications").text
    assert [set(gather) for gather in backend.gathers] == [{"session", "notifications"}]
    assert not backend.calls
    assert SHOWN in page
    assert WORDS.replace("&", "&amp;") in page


def test_the_box_is_not_ticked(ana):
    page = ana.get("/notifications").text
    box = page[page.index('name="agreed"') : page.index("</label>", page.index('name="agreed"'))]
    assert "checked" not in box


def test_agreeing_tells_notify_what_was_shown_and_from_where(ana, backend):
    answer = ana.submit(
        "/notifications/texts/on", page="/notifications", number=NUMBER, consent_version=VERSION, agreed="yes"
    )
    assert (answer.status_code, answer.location) == (303, "/notifications")
    (command,) = backend.asked(notify.TurnTextsOn)
    assert (command.customer_id, command.number, command.consent_version, command.agreed) == (
        ANA,
        NUMBER,
        VERSION,
        True,
    )
    assert command.ip_address == "127.0.0.1"
    assert "We have sent you a confirmation." in ana.get("/notifications").text


def test_at_night_the_confirmation_is_promised_for_the_morning(ana, backend):
    backend.answers(
        notify.TurnTextsOn, some_notifications(switch="on", quiet_until=datetime(2026, 7, 2, 12, tzinfo=UTC))
    )
    ana.submit("/notifications/texts/on", page="/notifications", number=NUMBER, agreed="yes")
    assert "confirmation comes in the morning" in ana.get("/notifications").text


def test_without_a_tick_the_page_says_so_beside_the_box(ana, backend):
    backend.answers(notify.TurnTextsOn, Refused(codes.INVALID, "Tick the box.", field="agreed"))
    answer = ana.submit("/notifications/texts/on", page="/notifications", number=NUMBER, consent_version=VERSION)
    assert answer.status_code == 422
    assert 'id="agreed-problem">Tick the box.' in answer.text
    assert not backend.asked(notify.TurnTextsOn)[0].agreed


@pytest.mark.parametrize("code", [codes.CONFLICT, codes.WRONG_STATE])
def test_what_notify_refuses_is_said_on_the_page(ana, backend, code):
    backend.answers(notify.TurnTextsOn, Refused(code, "The number is another one now."))
    answer = ana.submit("/notifications/texts/on", page="/notifications", number="é" * 9000, agreed="yes")
    assert answer.status_code == 422
    assert "The number is another one now." in answer.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"switch": "not_offered"}, "does not send texts at the moment"),
        ({"switch": "no_phone", "phone": None, "number": None, "number_shown": None}, "no phone number on file"),
        ({"switch": "not_a_number", "number": None, "number_shown": None}, "not a number that we can text"),
        ({"switch": "invalid"}, "No text reaches this number"),
        ({"switch": "blocked"}, "as an answer to our last text"),
        ({"switch": "blocked", "text_us_at": "(607) 555-0100"}, "(607) 555-0100"),
        ({"switch": "on"}, "Texts are on."),
    ],
)
def test_where_texts_stand_is_said_and_only_what_is_possible_is_offered(ana, backend, changes, words):
    backend.answers(notify.GetNotifications, some_notifications(**changes))
    page = ana.get("/notifications").text
    assert words in page
    assert "Turn on texts" not in page


def test_the_quiet_hours_are_those_of_the_phone(ana, backend):
    until = datetime(2026, 7, 2, 15, tzinfo=UTC)
    backend.answers(
        notify.GetNotifications,
        some_notifications(switch="on", quiet_until=until, quiet_zone="America/Los_Angeles"),
    )
    page = ana.get("/notifications").text
    assert "Quiet now." in page
    assert "8:00\u202fAM" in page


def test_turning_off_needs_one_press(ana, backend):
    answer = ana.submit("/notifications/texts/off", page="/notifications")
    assert answer.status_code == 303
    assert backend.asked(notify.TurnTextsOff)[0].customer_id == ANA


def test_the_passport_shows_every_change_and_escapes_what_phones_write(ana, backend):
    history = [
        a_consent_entry(entry_id="2", action="opt_out", source="text", text="STOP <b>now</b>", text_version=""),
        a_consent_entry(),
    ]
    backend.answers(notify.GetNotifications, some_notifications(history=history))
    page = ana.get("/notifications").text
    assert "STOP &lt;b&gt;now&lt;/b&gt;" in page
    assert "by text from the phone" in page
    assert "Firefox on Windows" in page


def test_choices_are_saved_and_what_the_page_does_not_offer_is_not(ana, backend):
    ana.submit(
        "/notifications/choices", page="/notifications", visit_reminder="both", emails=["invoice_sent", "receipt"]
    )
    assert backend.asked(notify.ChooseNotifications) == [
        notify.ChooseNotifications(customer_id=ANA, emails=["invoice_sent"], visit_reminder="both")
    ]


@pytest.mark.parametrize("way", ["", "pigeon", "é" * 9000])
def test_a_way_that_there_is_not_is_refused(ana, backend, way):
    answer = ana.submit("/notifications/choices", page="/notifications", visit_reminder=way)
    assert answer.status_code == 422
    assert not backend.asked(notify.ChooseNotifications)


@pytest.mark.parametrize(
    ("switch", "chosen", "emails", "ticked"),
    [
        ("off", None, ["visit_reminder"], "email"),
        ("on", None, ["visit_reminder"], "both"),
        ("on", "none", [], "none"),
        ("on", "text", [], "text"),
    ],
)
def test_the_way_of_reminders_is_shown_as_it_is(ana, backend, switch, chosen, emails, ticked):
    choices = notify.ChoicesView(emails=emails, visit_reminder=chosen)
    backend.answers(notify.GetNotifications, some_notifications(switch=switch, choices=choices))
    assert f'value="{ticked}" checked' in ana.get("/notifications").text


def test_without_notify_the_page_says_so(ana, backend):
    backend.answers(notify.GetNotifications, Refused(codes.UNAVAILABLE, "Away."))
    assert ana.get("/notifications").status_code == 503


def test_an_unsubscribe_link_changes_nothing_until_its_button_is_pressed(stranger, backend):
    view = notify.Unsubscribing(kind="invoice_sent", email="ana@example.com", is_off=False)
    backend.answers(notify.InspectUnsubscribing, view)
    backend.answers(notify.Unsubscribe, notify.Unsubscribing(kind="invoice_sent", email=None, is_off=True))
    page = stranger.get("/unsubscribe/token-1").text
    assert "E-mails about new invoices" in page or "e-mails about new invoices" in page
    assert not backend.asked(notify.Unsubscribe)
    # As a mail program's own button does it: without a cookie, without a form's token (RFC 8058).
    answer = stranger.post("/unsubscribe/token-1", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert backend.asked(notify.Unsubscribe) == [notify.Unsubscribe(token="token-1")]


def test_an_unsubscribe_link_that_is_not_ours_is_gone(stranger, backend):
    backend.answers(notify.InspectUnsubscribing, Refused(codes.LINK_NOT_VALID, "No."))
    assert stranger.get("/unsubscribe/x").status_code == 410
