"""The mailbox takes each message once and shows it to its recipient, harmlessly."""

import html
import re
from email.message import EmailMessage

import pytest
import requests

from tests.support.sandbox import TIMEOUT_S, RunningSandbox

LINK = "http://portal.example/set-password/abc?x=1&y=2"


def letter(to: str = "Ana Ruiz <ana@example.com>", *, message_id: str = "<1@portal.example>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Green Acres Lawn <billing@greenacres.example>"
    message["To"] = to
    message["Subject"] = "Your invoice — 1042 ☂"
    message["Message-ID"] = message_id
    message.set_content(f"Dear Ana,\n\nSet your password: {LINK}.\n")
    html_link = LINK.replace("&", "&amp;")
    message.add_alternative(
        f'<p style="color:red">Dear Ana</p><a href="{html_link}">Go</a><script>alert(1)</script>', subtype="html"
    )
    return message


def post(sandbox: RunningSandbox, message: EmailMessage | bytes, **headers: str) -> requests.Response:
    return requests.post(
        f"{sandbox.address}/mailbox/messages",
        data=bytes(message),
        headers={"Content-Type": "message/rfc822", **headers},
        timeout=TIMEOUT_S,
    )


def get(sandbox: RunningSandbox, path: str, **params: str) -> requests.Response:
    return requests.get(f"{sandbox.address}{path}", params=params, timeout=TIMEOUT_S)


def test_a_message_is_read_decoded(sandbox: RunningSandbox):
    taken = post(sandbox, letter())
    assert (taken.status_code, taken.json()["new"]) == (201, True)
    (found,) = get(sandbox, "/mailbox/api/messages", to="ANA@example.com").json()["messages"]
    assert found["subject"] == "Your invoice — 1042 ☂"
    assert found["to"] == ["Ana Ruiz <ana@example.com>"]
    assert found["text"].startswith("Dear Ana,")
    assert "<p style" in found["html"]
    assert found["links"] == [LINK]
    assert ["Message-ID", "<1@portal.example>"] in found["headers"]


def test_the_same_message_id_is_the_same_message(sandbox: RunningSandbox):
    first = post(sandbox, letter()).json()
    again = post(sandbox, letter())
    assert (again.status_code, again.json()) == (200, {"id": first["id"], "new": False})
    assert get(sandbox, "/mailbox/api/messages").json()["count"] == 1


def test_each_recipient_has_a_mailbox(sandbox: RunningSandbox):
    post(sandbox, letter("ana@example.com, bo@example.com"))
    post(sandbox, letter("bo@example.com", message_id="<2@portal.example>"))
    for address, count in (("ana@example.com", 1), ("bo@example.com", 2), ("cy@example.com", 0)):
        assert len(get(sandbox, "/mailbox/api/messages", to=address).json()["messages"]) == count
    page = get(sandbox, "/mailbox").text
    assert "ana@example.com" in page
    assert "bo@example.com" in page


def test_only_later_messages_are_asked_for(sandbox: RunningSandbox):
    first = post(sandbox, letter()).json()["id"]
    second = post(sandbox, letter(message_id="<2@portal.example>")).json()["id"]
    found = get(sandbox, "/mailbox/api/messages", after=str(first)).json()["messages"]
    assert [each["id"] for each in found] == [second]


@pytest.mark.parametrize(
    ("raw", "headers", "status"),
    [
        (b"Subject: no recipient\r\n\r\nHello", {}, 400),
        (b"", {}, 400),
        (bytes(letter()), {"Content-Type": "text/plain"}, 415),
    ],
)
def test_what_is_no_message_is_refused(sandbox: RunningSandbox, raw, headers, status):
    assert post(sandbox, raw, **headers).status_code == status
    assert get(sandbox, "/mailbox/api/messages").json()["count"] == 0


def test_an_email_in_another_encoding_is_read(sandbox: RunningSandbox):
    raw = (
        b"From: a@example.com\r\nTo: ana@example.com\r\nSubject: =?iso-8859-1?Q?Caf=E9?=\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nCaf=E9\r\n"
    )
    post(sandbox, raw)
    (found,) = get(sandbox, "/mailbox/api/messages", to="ana@example.com").json()["messages"]
    assert (found["subject"], found["text"].strip()) == ("Café", "Café")


def test_a_messages_html_cannot_run_anything(sandbox: RunningSandbox):
    number = post(sandbox, letter()).json()["id"]
    page = get(sandbox, f"/mailbox/messages/{number}")
    assert "alert(1)" not in page.text
    assert 'sandbox="allow-popups allow-top-navigation-by-user-activation"' in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    part = get(sandbox, f"/mailbox/messages/{number}/html")
    assert "alert(1)" in part.text
    policy = part.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "sandbox allow-popups" in policy
    assert "script" not in policy


def test_the_pages_open(sandbox: RunningSandbox):
    number = post(sandbox, letter()).json()["id"]
    for path in ("/", "/mailbox", "/mailbox/to/ana@example.com", f"/mailbox/messages/{number}", "/texts"):
        page = get(sandbox, path)
        assert page.status_code == 200
        assert page.headers["Content-Security-Policy"]
    assert get(sandbox, "/mailbox/to/ana@example.com").text.count("Your invoice") == 1
    assert get(sandbox, f"/mailbox/messages/{number}/raw").text.startswith("From: Green Acres")
    assert get(sandbox, "/mailbox", to="bo@example.com").url.endswith("/mailbox/to/bo@example.com")
    assert get(sandbox, "/mailbox/messages/99").status_code == 404


def test_a_messages_recipient_leads_back_to_the_mailbox(sandbox: RunningSandbox):
    number = post(sandbox, letter()).json()["id"]
    link = re.search(r'href="(/mailbox\?to=[^"]+)"', get(sandbox, f"/mailbox/messages/{number}").text)
    assert link
    mailbox = get(sandbox, html.unescape(link[1]))
    assert mailbox.url.endswith("/mailbox/to/ana@example.com")
    assert "Your invoice" in mailbox.text
