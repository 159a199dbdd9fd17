"""Texts by Twilio's library over HTTP, to the stand-in: what is sent, refused, lost and looked for."""

from collections.abc import Iterator

import pytest

from services.notify.clients.texting import OutcomeUnknown, TextNotNow, TextRefused
from services.notify.clients.twilio_texting import TwilioTexting
from tests.support.sandbox import RunningSandbox, running_sandbox

PHONE = "+14155550123"
REPORT_TO = "http://127.0.0.1:9/webhooks/twilio/status?text=1"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


def texting(sandbox: RunningSandbox, **changes) -> TwilioTexting:
    settings = sandbox.settings
    values = {
        "account_sid": settings.twilio_account_sid,
        "auth_token": settings.twilio_auth_token,
        "messaging_service_sid": "MG" + "0" * 32,
        "api_base": sandbox.address,
        "timeout_s": 5.0,
    }
    return TwilioTexting(**{**values, **changes})


def send(client: TwilioTexting, to: str = PHONE, body: str = "Mowing tomorrow"):
    return client.send(to=to, body=body, report_to=REPORT_TO)


def test_a_text_is_sent_by_the_messaging_service_and_found_again(sandbox: RunningSandbox):
    client = texting(sandbox)
    taken = send(client)
    assert [each.sid for each in client.latest_to(PHONE)] == [taken.sid]
    (message,), _ = sandbox.parts.texts.conversation(PHONE)
    assert (message["body"], message["messaging_service_sid"]) == ("Mowing tomorrow", "MG" + "0" * 32)


@pytest.mark.parametrize(
    ("to", "code"), [("+15005550001", 21211), ("+15005550004", 21610), ("+15005550009", 21614), ("+15005550003", 21408)]
)
def test_a_refusal_tells_its_code(sandbox: RunningSandbox, to, code):
    with pytest.raises(TextRefused) as refused:
        send(texting(sandbox), to)
    assert refused.value.code == code


def test_a_phone_that_answered_stop_is_blocked(sandbox: RunningSandbox):
    sandbox.parts.texts.reply(PHONE, "STOP")
    with pytest.raises(TextRefused) as refused:
        send(texting(sandbox))
    assert refused.value.code == 21610


def test_a_lost_answer_is_an_unknown_outcome_and_the_text_is_found(sandbox: RunningSandbox):
    client = texting(sandbox)
    sandbox.parts.faults.add({"action": "drop", "path": "/Messages.json", "method": "POST"})
    with pytest.raises(OutcomeUnknown):
        send(client)
    assert [each.body for each in client.latest_to(PHONE)] == ["Mowing tomorrow"]


def test_a_slow_answer_is_waited_for_no_longer_than_said(sandbox: RunningSandbox):
    sandbox.parts.faults.add({"action": "delay", "delay_s": 0.6, "path": "/Messages.json"})
    with pytest.raises(OutcomeUnknown):
        send(texting(sandbox, timeout_s=0.2))


@pytest.mark.parametrize(("status", "error"), [(500, OutcomeUnknown), (503, OutcomeUnknown), (429, TextNotNow)])
def test_an_error_of_theirs_is_told_apart_from_being_too_fast(sandbox: RunningSandbox, status, error):
    sandbox.parts.faults.add({"action": "status", "status": status, "when": "before", "path": "/Messages.json"})
    with pytest.raises(error):
        send(texting(sandbox))


def test_a_wrong_token_is_ours_to_mend(sandbox: RunningSandbox):
    with pytest.raises(TextNotNow):
        send(texting(sandbox, auth_token="another-token-altogether"))


def test_where_nobody_listens_nothing_was_sent(sandbox: RunningSandbox):
    with pytest.raises(TextNotNow):
        send(texting(sandbox, api_base="http://127.0.0.1:9"))


def test_a_webhook_is_genuine_for_its_address_and_account_only(sandbox: RunningSandbox):
    client = texting(sandbox)
    url = "https://portal.example.com/webhooks/twilio/messages"
    fields = {"AccountSid": client.account_sid, "Body": "STOP", "From": PHONE}
    signed = client._validator.compute_signature(url, fields)
    assert client.is_genuine(url, fields, signed)
    assert not client.is_genuine(url + "?x=1", fields, signed)
    assert not client.is_genuine(url, {**fields, "Body": "START"}, signed)
    other = {**fields, "AccountSid": "AC" + "0" * 32}
    assert not client.is_genuine(url, other, client._validator.compute_signature(url, other))
