import email
import email.policy
from email.message import EmailMessage

import pytest

from chassis.ids import new_id
from services.notify.emails.addressing import check_sender, envelope_address, sender_address
from services.notify.emails.letter import Letter, Recipient
from tests.support.notify_business import composer
from tests.support.notify_events import EXPIRES_AT
from tests.support.notify_mail import text_of
from tests.unit.notify.test_letters import invoice


def message(letter: Letter | None = None, **to: str) -> EmailMessage:
    """A message as it arrives: written to bytes and read again."""
    recipient = Recipient(**{"name": "Ana Lima", "address": "ana@example.com", **to})
    made = composer().compose(letter or invoice(), to=recipient, delivery_id="d-1", at=EXPIRES_AT)
    return email.message_from_bytes(made.as_bytes(), policy=email.policy.default)


def test_the_headers_say_who_writes_to_whom_and_where_answers_go():
    arrived = message()
    assert arrived["From"] == "Green Acres Lawn <office@greenacres.example>"
    assert arrived["To"] == "Ana Lima <ana@example.com>"
    assert arrived["Reply-To"] == "Green Acres Lawn <office@greenacres.example>"
    assert arrived["Message-ID"] == "<d-1@greenacres.example>"
    assert arrived["Date"] == "Sun, 01 Mar 2026 16:00:00 +0000"
    assert arrived["Auto-Submitted"] == "auto-generated"


def test_a_message_is_text_first_and_html_second():
    arrived = message()
    assert arrived.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in arrived.iter_parts()] == ["text/plain", "text/html"]


def test_no_letter_can_end_its_part_or_the_message():
    own = composer()
    arrived = message(invoice(own, memo=f"before\n--{message().get_boundary()}--\nafter"))
    assert [part.get_content_type() for part in arrived.iter_parts()] == ["text/plain", "text/html"]
    assert "after" in text_of(arrived)


def test_messages_one_after_the_other_have_their_own_headers():
    one, other = (message(name=name, address=f"{name.lower()}@example.com") for name in ("Ana", "Bo"))
    assert (one["To"], other["To"]) == ("Ana <ana@example.com>", "Bo <bo@example.com>")


@pytest.mark.parametrize(
    "name",
    ["José Ñandú", "李小龍", "Владимир Ильич", "محمد علي", 'O\'Brien, Ana "Bo"', "🌿 Ana"],
)
def test_names_of_every_script_arrive_as_they_are(name):
    arrived = message(name=name)
    assert arrived["To"].addresses[0].display_name == name
    assert name in text_of(arrived)


@pytest.mark.parametrize(
    "injection",
    ["Ana\r\nBcc: eve@example.com", "Ana\nBcc: eve@example.com", "Ana\r\n\r\nbody", "Ana\x00\x0b\u2028Lima"],
)
def test_no_name_and_no_subject_can_add_a_header(injection):
    own = composer(business_name=injection)
    letter = invoice(own, number=injection)
    recipient = Recipient(name=injection, address="ana@example.com")
    raw = own.compose(letter, to=recipient, delivery_id=new_id(), at=EXPIRES_AT).as_bytes()
    arrived = email.message_from_bytes(raw, policy=email.policy.default)
    assert arrived["Bcc"] is None
    assert len(arrived["To"].addresses) == 1
    assert sorted(arrived.keys()) == sorted(message().keys())


@pytest.mark.parametrize(
    "address", ["ana@example.com\r\nBcc: eve@example.com", "a@example.com, b@example.com", "nobody"]
)
def test_an_address_that_is_none_makes_no_message(address):
    with pytest.raises(ValueError, match="not an e-mail address"):
        message(address=address)


def test_a_long_subject_is_cut_and_stays_one_line():
    arrived = message(invoice(number="9" * 900))
    assert len(arrived["Subject"]) <= 250
    assert arrived["Subject"].endswith("…")


def test_international_domains_travel_in_ascii():
    assert envelope_address("ana@bücher.example") == "ana@xn--bcher-kva.example"
    assert message(address="ana@bücher.example")["To"].addresses[0].addr_spec == "ana@xn--bcher-kva.example"


def test_an_international_mailbox_is_written_as_such():
    recipient = Recipient(name="José", address="josé@example.com")
    made = composer().compose(invoice(), to=recipient, delivery_id="d-1", at=EXPIRES_AT)
    assert "josé@example.com".encode() in made.as_bytes()


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Green Acres <office@greenacres.example>", "Green Acres", "office@greenacres.example"),
        ("office@greenacres.example", "Default Name", "office@greenacres.example"),
        ('"Acres, Green" <office@greenacres.example>', "Acres, Green", "office@greenacres.example"),
    ],
)
def test_the_sender_is_a_name_with_an_address_or_an_address(text, name, address):
    check_sender(text)
    sender = sender_address(text, "Default Name")
    assert (sender.display_name, sender.addr_spec) == (name, address)


@pytest.mark.parametrize("text", ["", "Green Acres", "Green Acres <>", "office@", "a@b@c"])
def test_a_sender_without_an_address_is_refused(text):
    with pytest.raises(ValueError, match="not an e-mail address"):
        check_sender(text)
