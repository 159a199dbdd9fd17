"""Writing to the business: kept once, passed on, acknowledged where that is safe, and never a nuisance to anybody."""

from typing import Any

import pytest
from sqlalchemy import select

from contracts import codes
from contracts.notify import (
    ContactMessageView,
    ListContactMessages,
    MarkContactAnswered,
    WriteToBusiness,
)
from contracts.wire import Refused
from services.notify.models import ContactMessage
from tests.support.notify import Notify
from tests.support.notify_events import ANA, contact
from tests.support.notify_mail import html_of, text_of

OFFICE = "office@greenacres.example"
STRANGER: dict[str, Any] = {
    "name": "Bo Chen",
    "email": "bo@example.org",
    "phone": "(607) 555-0101",
    "visitor_id": "v-1",
    "ip_address": "192.0.2.7",
    "open_s": 40,
}
SIGNED_IN: dict[str, Any] = {"customer_id": ANA, "reference": "A-1", "name": "Ana Lima", "email": "ana@example.com"}


def write(notify: Notify, key: str = "k-1", message: str = "When do you come?", **changes: Any) -> str:
    return notify.ask(WriteToBusiness(key=key, message=message, **changes)).message_id


def kept(notify: Notify, answered: bool | None = None) -> list[ContactMessageView]:
    """Messages, oldest first."""
    return notify.ask(ListContactMessages(answered=answered)).messages[::-1]


def refused(code: str, field: str | None = None) -> Any:
    return pytest.raises(Refused, check=lambda each: (each.code, each.details.get("field")) == (code, field))


def test_a_customers_message_is_kept_passed_on_and_acknowledged(notify: Notify):
    notify.hear(contact())
    write(notify, topic="Visits", invoice_id="i-1", invoice_number="1042", phone="", **SIGNED_IN)
    notify.send()
    (message,) = kept(notify)
    assert (message.customer_id, message.reference, message.name, message.email) == (
        ANA,
        "A-1",
        "Ana Lima",
        "ana@example.com",
    )
    assert (message.topic, message.invoice_number, message.message) == ("Visits", "1042", "When do you come?")
    assert (message.suspicions, message.answered_at, message.delivery) == ([], None, "delivered")
    assert sorted(notify.mail.recipients) == ["ana@example.com", OFFICE]

    (to_office,) = [mail for to, mail in notify.mail.sent if to == OFFICE]
    assert str(to_office["Reply-To"]) == "Ana Lima <ana@example.com>"
    assert str(to_office["Subject"]) == "Visits, from Ana Lima (A-1)"
    for words in (text_of(to_office), html_of(to_office)):
        for expected in ("When do you come?", "A-1", "1042", "ana@example.com", "signed in"):
            assert expected in words

    (to_ana,) = [mail for to, mail in notify.mail.sent if to == "ana@example.com"]
    assert str(to_ana["Reply-To"]) == "Green Acres Lawn <office@greenacres.example>"
    assert "When do you come?" in text_of(to_ana)


@pytest.mark.parametrize(
    ("on_file", "typed", "said"),
    [
        ("(607) 555-0100", "", "(607) 555-0100"),
        ("(607) 555-0100", "  ", "(607) 555-0100"),
        ("(607) 555-0100", "(607) 555-0199", "(607) 555-0199"),
        ("", "", ""),
        ("home " * 20, "", ""),
    ],
)
def test_a_signed_in_writers_phone_is_the_one_on_file_unless_they_typed_another(notify: Notify, on_file, typed, said):
    notify.hear(contact(phone=on_file or None))
    write(notify, phone=typed, **SIGNED_IN)
    assert kept(notify)[0].phone == said


def test_a_strangers_phone_is_never_the_one_on_file_of_the_address_that_was_typed(notify: Notify):
    notify.hear(contact(phone="(607) 555-0100"))
    write(notify, **{**STRANGER, "email": "ana@example.com", "phone": ""})
    assert kept(notify)[0].phone == ""


def test_a_form_sent_twice_is_one_message_wherever_the_second_comes_from(notify: Notify):
    notify.hear(contact())
    first = write(notify, **STRANGER)
    assert write(notify, **{**STRANGER, "open_s": 41, "ip_address": "192.0.2.8", "visitor_id": "v-2"}) == first
    assert len(kept(notify)) == 1
    with refused(codes.KEY_REUSED):
        write(notify, message="Something else", **STRANGER)


def test_a_stranger_gets_no_e_mail_from_us(notify: Notify):
    write(notify, **STRANGER)
    notify.send()
    assert notify.mail.recipients == [OFFICE]
    (_, mail) = notify.mail.sent[0]
    assert str(mail["Reply-To"]) == "Bo Chen <bo@example.org>"
    assert "no customer’s" in text_of(mail)


def test_a_customer_who_is_signed_out_is_acknowledged_without_a_word_of_what_was_written(notify: Notify):
    """Otherwise anybody could have us e-mail his own words to our customers."""
    notify.hear(contact("Ana@Example.com"))
    write(notify, topic="You won", message="Click evil.example", **{**STRANGER, "email": "ana@example.COM"})
    notify.send()
    assert sorted(notify.mail.recipients) == ["Ana@example.com", OFFICE]
    (mail,) = [mail for to, mail in notify.mail.sent if to != OFFICE]
    for words in (text_of(mail), html_of(mail), str(mail["Subject"])):
        assert "evil" not in words
        assert "You won" not in words
        assert "Bo Chen" not in words
    (message,) = kept(notify)
    assert message.customer_id is None


@pytest.mark.parametrize(
    ("changes", "suspicion"),
    [
        ({"trap": "http://cheap.example"}, "trap_filled"),
        ({"open_s": 1}, "too_fast"),
        ({"open_s": None}, "no_clock"),
        ({"message": "http://a.example http://b.example https://c.example www.d.example"}, "many_links"),
    ],
)
def test_what_looks_like_spam_is_kept_marked_and_passed_on_and_answered_by_nothing(notify: Notify, changes, suspicion):
    notify.hear(contact())
    write(notify, **{"message": "Hello", **STRANGER, "email": "ana@example.com", **changes})
    notify.send()
    (message,) = kept(notify)
    assert message.suspicions == [suspicion]
    assert notify.mail.recipients == [OFFICE]
    assert str(notify.mail.sent[0][1]["Subject"]).startswith("[Looks like spam] ")


def test_whoever_is_signed_in_is_no_suspect(notify: Notify):
    notify.hear(contact())
    write(notify, message="www.a.example " * 9, trap="x", open_s=None, **SIGNED_IN)
    assert kept(notify)[0].suspicions == []


@pytest.mark.parametrize(
    ("who", "most"),
    [
        (lambda number: SIGNED_IN, 10),
        (lambda number: {**STRANGER, "visitor_id": f"v-{number}", "ip_address": f"192.0.2.{number}"}, 5),
        (lambda number: {**STRANGER, "email": f"b{number}@example.org", "ip_address": f"192.0.2.{number}"}, 5),
        (lambda number: {**STRANGER, "email": f"b{number}@example.org", "visitor_id": f"v-{number}"}, 20),
    ],
    ids=["customer", "address", "browser", "network"],
)
def test_each_may_write_so_often_within_an_hour(notify: Notify, monkeypatch, who, most):
    monkeypatch.setattr("services.notify.service.system_clock", notify.clock)
    notify.hear(contact())
    for number in range(most):
        write(notify, key=f"k-{number}", **who(number))
    with pytest.raises(Refused) as throttled:
        write(notify, key="one-more", **who(most))
    assert throttled.value.code == codes.THROTTLED
    assert 3500 < throttled.value.details["retry_after_s"] <= 3600
    # The same form again is no further message.
    write(notify, key="k-0", **who(0))
    assert len(notify.ask(ListContactMessages(limit=100)).messages) == most
    notify.clock.later(minutes=61)
    write(notify, key="one-more", **who(most))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"message": " \n\x00 "}, "message"),
        ({"message": "x" * 5001}, "message"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "email"),
        ({"topic": "x" * 121}, "topic"),
        ({"phone": "1" * 41}, "phone"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(notify: Notify, changes, field):
    with refused(codes.INVALID, field):
        write(notify, **{"message": "Hello", **STRANGER, **changes})
    assert kept(notify) == []


def test_words_of_every_script_arrive_and_nothing_else_does(notify: Notify):
    hostile = "<script>alert(1)</script>\r\nשלום \u0000\u0007🌿\r\n.\r\nBcc: eve@example.org"
    write(
        notify, message=hostile, topic="a\r\nBcc: eve@example.org", **{**STRANGER, "name": "محمد\nBcc: e@example.org"}
    )
    notify.send()
    ((to, mail),) = notify.mail.sent
    assert (to, mail["Bcc"]) == (OFFICE, None)
    assert "<script>alert(1)</script>\nשלום 🌿\n.\nBcc: eve@example.org" in text_of(mail)
    assert "<script>" not in html_of(mail)


def test_answered_messages_leave_the_list_and_come_back(notify: Notify):
    one, other = write(notify, **STRANGER), write(notify, key="k-2", **STRANGER)
    marked = notify.ask(MarkContactAnswered(message_id=one))
    assert marked.answered_at is not None
    assert notify.ask(MarkContactAnswered(message_id=one)).answered_at == marked.answered_at
    assert [message.message_id for message in kept(notify, answered=False)] == [other]
    assert [message.message_id for message in kept(notify, answered=True)] == [one]
    assert notify.ask(MarkContactAnswered(message_id=one, answered=False)).answered_at is None
    with refused(codes.NOT_FOUND):
        notify.ask(MarkContactAnswered(message_id="nobody's"))


def test_messages_are_listed_a_page_at_a_time(notify: Notify):
    ids = [write(notify, key=f"k-{number}", **SIGNED_IN) for number in range(5)]
    seen, cursor = [], None
    while True:
        page = notify.ask(ListContactMessages(cursor=cursor, limit=2))
        seen += [message.message_id for message in page.messages]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == ids[::-1]
    with refused(codes.INVALID, "limit"):
        notify.ask(ListContactMessages(limit=501))


def test_whence_a_message_came_is_forgotten_after_a_day(notify: Notify, monkeypatch):
    monkeypatch.setattr("services.notify.service.system_clock", notify.clock)
    write(notify, **STRANGER)
    notify.clock.later(hours=25)
    write(notify, key="k-2", **STRANGER)
    with notify.database.read() as session:
        rows = session.execute(
            select(ContactMessage.network, ContactMessage.visitor_id).order_by(ContactMessage.message_id)
        ).all()
    assert [tuple(row) for row in rows] == [(None, None), ("192.0.2.7", "v-1")]
