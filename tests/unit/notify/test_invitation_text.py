"""The invitation: the seed's words, and what a business may make of the file."""

from pathlib import Path

import pytest

from chassis.settings import SettingsError, load
from services.notify.domain.facts.links import OpenedLink
from services.notify.domain.invitation_text import BrokenText, read
from services.notify.emails import invitation
from services.notify.emails.composer import Composer
from services.notify.emails.letter import Recipient
from services.notify.emails.letters.invitations import invitation_letter
from services.notify.settings import NotifySettings
from tests.support.notify_business import composer
from tests.support.notify_events import EXPIRES_AT
from tests.support.notify_mail import html_of, text_of
from tests.support.seed import CUSTOMER_PORTAL_EMAIL_TEMPLATE
from tests.unit.notify.reading import visible_text

URL = "https://portal.greenacres.example/set-password/" + "q" * 43


def written(tmp_path: Path, text: str) -> Composer:
    file = tmp_path / "invitation.txt"
    file.write_text(text, encoding="utf-8")
    return composer(invitation_template=str(file))


def sent(own: Composer) -> tuple[str, str, str]:
    """Subject, text and visible HTML of an invitation."""
    link = OpenedLink(name="Ana <b>Lima", token="q" * 43, expires_at=EXPIRES_AT)
    letter = invitation_letter(link, own.business, own.formats)
    to = Recipient(name=link.name, address="ana@example.com")
    message = own.compose(letter, to=to, delivery_id="d-1", at=EXPIRES_AT)
    return str(message["Subject"]), text_of(message), html_of(message)


def words(text: str) -> list[str]:
    return text.replace("•", " ").split()


def test_the_invitation_is_the_seeds_customer_portal_email_template_word_for_word():
    own = composer()
    filled = CUSTOMER_PORTAL_EMAIL_TEMPLATE
    for mark, value in {
        "<<INSERT YOUR WEBSITE URL HERE>>": "https://greenacres.example",
        "<<INSERT YOUR PORTAL URL HERE>>": "https://portal.greenacres.example",
        "<<INSERT YOUR BUSINESS INFO HERE>>": "Green Acres Lawn 2200 Mill Road Maple Falls, NY 13902 (607) 555-0142 "
        "office@greenacres.example https://greenacres.example",
    }.items():
        assert mark in filled
        filled = filled.replace(mark, value)
    _, text, html = sent(own)
    expected = words(filled)
    assert words(text)[: len(expected)] == expected
    seen = words(visible_text(html))
    start = seen.index("Dear")
    assert seen[start : start + len(expected)] == expected


def test_it_carries_the_customers_own_link_and_says_how_long_it_lives():
    _, text, html = sent(composer())
    for body in (text, html):
        assert URL in body
        assert "once, until March 1, 2026, 11:00\u202fAM EST" in body
        assert "https://portal.greenacres.example/sign-up" in body


def test_a_business_without_a_website_names_the_portal():
    _, text, _ = sent(composer(business_website=""))
    assert "visit our website at https://portal.greenacres.example and click" in text


def test_the_business_writes_its_own_words_in_one_file(tmp_path):
    own = written(
        tmp_path,
        "# not sent\nSubject: Hello <<CUSTOMER NAME>>, from <<BUSINESS NAME>>\r\n\r\nDear <<customer  name>>,\r\n"
        "how are you?\r\n\r\n- one\r\n    - below\r\n- two\r\n\r\nGo to <<PASSWORD LINK>> & set it.\r\n",
    )
    subject, text, html = sent(own)
    assert subject == "Hello Ana <b>Lima, from Green Acres Lawn"
    assert "Dear Ana <b>Lima,\nhow are you?\n" in text
    assert "not sent" not in text
    assert "Dear Ana &lt;b&gt;Lima,<br>how are you?" in html
    assert html.count("<ul") == 2
    assert text.count(URL) == 1  # at its mark, and no button below


def test_a_mark_in_the_file_is_looked_up_and_never_carried_out(tmp_path):
    for evil in (
        "{{ business }}",
        "{% for x in y %}",
        "${PATH}",
        "<script>alert(1)</script>",
        "{0.__class__}",
        "%(x)s",
    ):
        _, text, html = sent(written(tmp_path, f"Hello {evil}\n"))
        assert f"Hello {evil}" in text
        assert f"Hello {evil}" in visible_text(html)
        assert "<script" not in html


def test_a_customers_name_that_looks_like_a_mark_is_a_name(tmp_path):
    own = written(tmp_path, "Dear <<CUSTOMER NAME>>\n")
    link = OpenedLink(name="<<PASSWORD LINK>>", token="q" * 43, expires_at=EXPIRES_AT)
    text = own.text(invitation_letter(link, own.business, own.formats), "x")
    assert "Dear <<PASSWORD LINK>>" in text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no text"),
        ("# only a comment\n\n", "no text"),
        ("Hello\n<<YOUR NAME>>\n", r"line 2: there is no mark <<YOUR NAME>>"),
        ("Hello <<BUSINESS NAME\n", "line 1: a mark begins"),
        ("Subject: <<PASSWORD LINK>>\n\nHello\n", "line 1: the subject may hold"),
        ("Hello\x00\n", r"line 1: .*U\+0000"),
        ("x" * 20_001, "more than 20000 characters"),
    ],
)
def test_a_broken_file_is_refused_with_the_line_that_breaks_it(text, problem):
    with pytest.raises(BrokenText, match=problem):
        read(text)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"a <<B>>", "line 1"),
        (b"x" * 100_001, "bytes"),
    ],
)
def test_a_broken_file_stops_the_start_by_the_name_of_its_setting(tmp_path, content, problem):
    file = tmp_path / "invitation.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=problem):
        invitation.check(str(file))
    with pytest.raises(SettingsError, match=rf"PORCHLIGHT_INVITATION_TEMPLATE: .*{problem}"):
        load(NotifySettings, {"PORCHLIGHT_INVITATION_TEMPLATE": str(file)})
