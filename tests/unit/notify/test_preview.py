"""`porchlight mail-preview` and the layout that all e-mails share."""

import email
import email.policy
import re
from pathlib import Path
from typing import get_args

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from contracts.notify import EmailChoice, MessageKind
from porchlight.cli import cli
from services.notify.emails.letter import Sampling
from services.notify.emails.letters import KINDS
from services.notify.emails.preview import READER, write_previews
from tests.support.html import faults_of
from tests.support.notify_business import composer
from tests.support.notify_events import EXPIRES_AT
from tests.support.notify_mail import html_of

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SAMPLING = Sampling(currency="USD", now=EXPIRES_AT)
EVERY_KIND = pytest.mark.parametrize("kind", sorted(KINDS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every e-mail of a business with a logo."""
    folder = tmp_path_factory.mktemp("previews")
    logo = folder / "logo.png"
    logo.write_bytes(PNG)
    write_previews(folder, composer(business_logo=str(logo)), SAMPLING)
    return folder


def page_of(folder: Path, kind: str) -> str:
    return (folder / f"{kind}.html").read_text(encoding="utf-8")


def message_of(folder: Path, kind: str) -> email.message.EmailMessage:
    return email.message_from_bytes((folder / f"{kind}.eml").read_bytes(), policy=email.policy.default)


def test_the_command_writes_every_e_mail_and_a_page_of_them_with_nothing_running(tmp_path, monkeypatch):
    for name, value in {"PORCHLIGHT_BROKER_URL": "", "PORCHLIGHT_BUSINESS_NAME": "Bo & Söhne"}.items():
        monkeypatch.setenv(name, value)
    ran = CliRunner().invoke(cli, ["mail-preview", "--to", str(tmp_path / "new" / "folder")])
    assert ran.exit_code == 0, ran.output
    written = {file.name for file in (tmp_path / "new" / "folder").iterdir()}
    kinds = get_args(MessageKind)
    assert written == {"index.html", *(f"{kind}.{form}" for kind in kinds for form in ("html", "txt", "eml"))}
    index = (tmp_path / "new" / "folder" / "index.html").read_text(encoding="utf-8")
    assert "Bo &amp; Söhne" in index
    assert all(f'href="{name}"' in index for name in written - {"index.html"})


def test_a_broken_invitation_is_told_by_the_preview(tmp_path, monkeypatch):
    file = tmp_path / "invitation.txt"
    file.write_text("Dear <<CUSTOMER>>\n", encoding="utf-8")
    monkeypatch.setenv("PORCHLIGHT_BROKER_URL", "")
    monkeypatch.setenv("PORCHLIGHT_INVITATION_TEMPLATE", str(file))
    ran = CliRunner().invoke(cli, ["mail-preview", "--to", str(tmp_path / "x")])
    assert "line 1: there is no mark <<CUSTOMER>>" in str(ran.exception)
    assert not (tmp_path / "x").exists()


@EVERY_KIND
def test_its_html_is_whole(folder: Path, kind: MessageKind):
    assert faults_of(page_of(folder, kind)) == []


@EVERY_KIND
def test_it_names_no_other_host_but_in_links(folder: Path, kind: MessageKind):
    page = page_of(folder, kind)
    assert re.findall(r"url\(|@import|src=[\"'](?!data:image/png;base64,)", page) == []
    for link in BeautifulSoup(page, "html.parser").find_all(href=True):
        assert link.name == "a"
        assert re.match(r"https://(portal\.)?greenacres\.example|mailto:|tel:", str(link["href"]))


@EVERY_KIND
def test_it_is_at_most_600_pixels_wide_and_shrinks(folder: Path, kind: MessageKind):
    widths = [
        int(width) for width in re.findall(r"(?<!max-)(?<!min-)width[:=]\"?(\d+)(?:px|\")", page_of(folder, kind))
    ]
    assert max(widths, default=0) <= 600
    assert "max-width:600px" in page_of(folder, kind)


@EVERY_KIND
def test_the_logo_travels_with_the_message_and_is_named_in_words(folder: Path, kind: MessageKind):
    message = message_of(folder, kind)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    *_, picture = message.walk()
    assert picture.get_content() == PNG
    html = html_of(message)
    (image,) = BeautifulSoup(html, "html.parser").find_all("img")
    assert (image["src"], image["alt"]) == (f"cid:{picture['Content-ID'].strip('<>')}", "Green Acres Lawn")
    assert picture.get_content_disposition() == "inline"


@EVERY_KIND
def test_text_and_html_say_the_same_amounts_dates_and_links(folder: Path, kind: MessageKind):
    text = (folder / f"{kind}.txt").read_text(encoding="utf-8")
    page = BeautifulSoup(page_of(folder, kind), "html.parser")
    links = {str(link["href"]) for link in page.find_all("a") if str(link["href"]).startswith("http")}
    assert links - set(re.findall(r"https://\S+", text)) == set()
    for amount in set(re.findall(r"\$[\d,.]+\d", page.get_text(" "))):
        assert amount in text


@EVERY_KIND
def test_what_can_be_switched_off_says_how_and_nothing_else_does(folder: Path, kind: MessageKind):
    message, page = message_of(folder, kind), page_of(folder, kind)
    url = "https://portal.greenacres.example/unsubscribe/sample"
    text = (folder / f"{kind}.txt").read_text(encoding="utf-8")
    if kind in get_args(EmailChoice):
        assert message["List-Unsubscribe"] == f"<{url}>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert url in page
        assert url in text
    else:
        assert message["List-Unsubscribe"] is None
        assert message["List-Unsubscribe-Post"] is None
        assert "unsubscribe" not in page + text


@EVERY_KIND
def test_its_headers_say_that_a_program_wrote_it_and_where_answers_go(folder: Path, kind: MessageKind):
    message = message_of(folder, kind)
    assert message["Auto-Submitted"].startswith("auto-")
    assert message["Message-ID"] == f"<sample-{kind}@greenacres.example>"
    assert message["From"] == "Green Acres Lawn <office@greenacres.example>"
    assert len(message["Reply-To"].addresses) == 1
    assert message["To"].addresses[0].addr_spec == READER.address


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<svg/>", "not a PNG"),
        (PNG + b"\0" * 100_000, "more than 100 kB"),
        (None, "cannot be read"),
    ],
)
def test_a_logo_that_cannot_be_shown_stops_the_start(tmp_path, content, problem):
    file = tmp_path / "logo.png"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=problem):
        composer(business_logo=str(file))
