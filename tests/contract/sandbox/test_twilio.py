"""Texts through Twilio's library: sent, looked up, refused, reported, and answered from the phone's page."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from sandbox.settings import Settings
from tests.support.sandbox import TIMEOUT_S, Listener, RunningSandbox, running_sandbox

PHONE = "+14155550123"


class Redirected(TwilioHttpClient):
    """Twilio's own client, sending to the sandbox what it means for api.twilio.com."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=TIMEOUT_S)
        self._base = base

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Response:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, f"{self._base}{parts.path}{query}", *args, **options)


@pytest.fixture
def client(sandbox: RunningSandbox) -> Iterator[Client]:
    settings = sandbox.settings
    http = Redirected(sandbox.address)
    yield Client(settings.twilio_account_sid, settings.twilio_auth_token, http_client=http)
    http.session.close()


@pytest.fixture
def sender(sandbox: RunningSandbox) -> str:
    return sandbox.settings.twilio_phone_number


def test_a_text_is_queued_then_delivered(client, sender):
    sent = client.messages.create(to=PHONE, from_=sender, body="Mowing tomorrow, 8 to 10")
    assert (sent.status, sent.to, sent.from_, sent.direction) == ("queued", PHONE, sender, "outbound-api")
    found = client.messages(sent.sid).fetch()
    assert (found.status, found.body, found.error_code) == ("delivered", "Mowing tomorrow, 8 to 10", None)


def test_a_messaging_service_accepts_first(client):
    sent = client.messages.create(to=PHONE, messaging_service_sid="MG" + "0" * 32, body="Hello")
    assert (sent.status, sent.from_) == ("accepted", None)
    assert client.messages(sent.sid).fetch().from_ is not None


def test_texts_are_listed_newest_first_over_pages(client, sender):
    sids = [client.messages.create(to=PHONE, from_=sender, body=f"Text {number}").sid for number in range(5)]
    client.messages.create(to="+14155550199", from_=sender, body="To another")
    assert [each.sid for each in client.messages.stream(to=PHONE, page_size=2)] == sids[::-1]
    assert len(client.messages.list()) == 6


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("+15005550001", 21211),
        ("4155550123", 21211),
        ("+15005550004", 21610),
        ("+15005550009", 21614),
    ],
)
def test_numbers_that_cannot_be_texted(client, sender, to, code):
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=to, from_=sender, body="Hello")
    assert (refused.value.status, refused.value.code) == (400, code)


@pytest.mark.parametrize(
    ("fields", "code"), [({"from_": "+14155550000"}, 21606), ({}, 21603), ({"body": "x" * 1601}, 21617)]
)
def test_texts_that_cannot_be_sent(client, sender, fields, code):
    if "body" in fields:
        fields = {**fields, "from_": sender}
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=PHONE, **{"body": "Hello", **fields})
    assert refused.value.code == code


def test_wrong_credentials_are_refused(sandbox: RunningSandbox):
    http = Redirected(sandbox.address)
    with pytest.raises(TwilioRestException) as refused:
        Client(sandbox.settings.twilio_account_sid, "wrong", http_client=http).messages.create(to=PHONE, body="Hello")
    http.session.close()
    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_an_unknown_message_is_not_found(client):
    with pytest.raises(TwilioRestException) as missing:
        client.messages("SM" + "0" * 32).fetch()
    assert (missing.value.status, missing.value.code) == (404, 20404)


def test_delivery_is_reported_with_a_signature_that_twilios_library_accepts(
    client, sender, sandbox: RunningSandbox, listener: Listener
):
    url = f"{listener.address}/webhooks/status?delivery=7"
    sent = client.messages.create(to=PHONE, from_=sender, body="Hello", status_callback=url)
    reports = listener.wait_for(2)
    assert [each.form["MessageStatus"] for each in reports] == ["sent", "delivered"]
    assert {each.form["MessageSid"] for each in reports} == {sent.sid}
    validator = RequestValidator(sandbox.settings.twilio_auth_token)
    for each in reports:
        assert validator.validate(url, dict(each.form), each.headers["X-Twilio-Signature"])
        assert not validator.validate(url, {**each.form, "MessageStatus": "failed"}, each.headers["X-Twilio-Signature"])


def test_an_undelivered_text_is_reported_with_its_code(client, sender, listener: Listener):
    client.messages.create(to="+15005550010", from_=sender, body="Hello", status_callback=f"{listener.address}/status")
    assert listener.wait_for(2)[1].form["MessageStatus"] == "undelivered"
    assert listener.wait_for(2)[1].form["ErrorCode"] == "30003"


def test_a_webhook_takes_another_way_and_is_signed_for_the_public_address(listener: Listener):
    public = "https://portal.example.com"
    settings = Settings(
        twilio_inbound_url=f"{public}/webhooks/twilio/messages",
        portal_url=public,
        portal_reached_at=listener.address,
    )
    with running_sandbox(settings) as sandbox:
        answer(sandbox, "Hello?")
        (inbound,) = listener.wait_for(1)
    assert RequestValidator(settings.twilio_auth_token).validate(
        f"{public}/webhooks/twilio/messages", dict(inbound.form), inbound.headers["X-Twilio-Signature"]
    )


def answer(sandbox: RunningSandbox, body: str, phone: str = PHONE) -> requests.Response:
    page = requests.post(f"{sandbox.address}/texts/{phone}", data={"body": body}, timeout=TIMEOUT_S)
    assert page.ok, page.text
    return page


def test_an_answer_from_the_phone_reaches_the_inbound_webhook(sandbox: RunningSandbox, listener: Listener, sender):
    assert "Is the gate open?" in answer(sandbox, "Is the gate open?").text
    (inbound,) = listener.wait_for(1)
    assert (inbound.form["From"], inbound.form["To"], inbound.form["Body"]) == (PHONE, sender, "Is the gate open?")
    validator = RequestValidator(sandbox.settings.twilio_auth_token)
    url = sandbox.settings.twilio_inbound_url
    assert validator.validate(url, dict(inbound.form), inbound.headers["X-Twilio-Signature"])


def test_stop_blocks_the_number_until_start(client, sender, sandbox: RunningSandbox):
    assert "successfully been unsubscribed" in answer(sandbox, " Stop ").text
    with pytest.raises(TwilioRestException) as blocked:
        client.messages.create(to=PHONE, from_=sender, body="Hello")
    assert blocked.value.code == 21610
    assert "re-subscribed" in answer(sandbox, "START").text
    assert client.messages.create(to=PHONE, from_=sender, body="Hello").status == "queued"


def test_what_the_webhook_answers_in_twiml_reaches_the_phone(sandbox: RunningSandbox, listener: Listener):
    listener.answer_body = "<?xml version='1.0'?><Response><Message>Thanks &amp; bye</Message></Response>"
    answer(sandbox, "Hello?")
    listener.wait_for(1)
    # The answer is read once the webhook has returned: the next webhook leaves after that, there being one worker.
    answer(sandbox, "Still there?")
    listener.wait_for(2)
    messages, _ = sandbox.parts.texts.conversation(PHONE)
    assert "Thanks & bye" in [each["body"] for each in messages]


def test_the_phones_page_shows_its_conversation(client, sender, sandbox: RunningSandbox):
    client.messages.create(to=PHONE, from_=sender, body="<b>Mowing</b> tomorrow")
    assert PHONE in requests.get(f"{sandbox.address}/texts", timeout=TIMEOUT_S).text
    page = requests.get(f"{sandbox.address}/texts/{PHONE}", timeout=TIMEOUT_S).text
    assert "&lt;b&gt;Mowing&lt;/b&gt; tomorrow" in page
    found = requests.get(f"{sandbox.address}/texts", params={"number": "+14155550188"}, timeout=TIMEOUT_S)
    assert found.url.endswith("/texts/+14155550188")


def test_a_dropped_answer_leaves_the_text_sent(client, sender, sandbox: RunningSandbox):
    sandbox.parts.faults.add({"action": "drop", "path": "/Messages.json", "method": "POST"})
    with pytest.raises(requests.ConnectionError):
        client.messages.create(to=PHONE, from_=sender, body="Hello")
    assert [each.body for each in client.messages.list()] == ["Hello"]
