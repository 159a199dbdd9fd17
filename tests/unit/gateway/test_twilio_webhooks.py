"""Twilio's webhooks are passed on with the address that the public knows, and answered once notify has them."""

from xml.etree import ElementTree

import pytest

from contracts import codes
from contracts.notify import ReceiveText, ReceiveTextStatus, TextAnswer, TextStatusTaken
from contracts.wire import Refused
from tests.support.gateway import gateway_settings

SIGNED = {"X-Twilio-Signature": "c2lnbmVk"}
FIELDS = {"From": "+16075550142", "Body": "STOP & go", "Empty": ""}
PORTAL = gateway_settings().portal_url.rstrip("/")


def send(browser, path="/webhooks/twilio/messages", headers=SIGNED, **options):
    return browser.post(path, data=FIELDS, headers=headers, **options)


def test_a_text_is_passed_on_with_the_public_address_whatever_the_host_header_says(stranger, backend):
    backend.answers(ReceiveText, TextAnswer(reply=None, duplicate=False))
    answer = send(stranger, base_url="http://gateway:8000")
    assert answer.status_code == 200
    assert backend.calls == [ReceiveText(url=f"{PORTAL}/webhooks/twilio/messages", fields=FIELDS, signature="c2lnbmVk")]
    assert "Set-Cookie" not in answer.headers


def test_the_answer_is_twiml(stranger, backend):
    backend.answers(ReceiveText, TextAnswer(reply='Green & "Acres" <off>', duplicate=False))
    answer = send(stranger)
    assert answer.mimetype == "text/xml"
    assert ElementTree.fromstring(answer.text).findtext("Message") == 'Green & "Acres" <off>'  # noqa: S314 - our own


def test_nothing_to_say_is_an_empty_answer(stranger, backend):
    backend.answers(ReceiveText, TextAnswer(reply=None, duplicate=True))
    assert len(ElementTree.fromstring(send(stranger).text)) == 0  # noqa: S314 - our own


def test_a_report_is_passed_on_with_its_query(stranger, backend):
    backend.answers(ReceiveTextStatus, TextStatusTaken(known=True))
    assert send(stranger, "/webhooks/twilio/status?text=7%2B1").status_code == 204
    assert backend.calls[0].url == f"{PORTAL}/webhooks/twilio/status?text=7%2B1"


@pytest.mark.parametrize("path", ["/webhooks/twilio/messages", "/webhooks/twilio/status"])
@pytest.mark.parametrize("command", [ReceiveText, ReceiveTextStatus])
@pytest.mark.parametrize(("code", "status"), [(codes.INVALID, 400), (codes.UNAVAILABLE, 503), (codes.INTERNAL, 503)])
def test_what_notify_does_not_take_is_not_taken(stranger, backend, path, command, code, status):
    backend.answers(command, Refused(code, "No."))
    backend.answers(ReceiveTextStatus if command is ReceiveText else ReceiveText, Refused(code, "No."))
    assert send(stranger, path).status_code == status


@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": "v" * 5000}])
@pytest.mark.parametrize("path", ["/webhooks/twilio/messages", "/webhooks/twilio/status"])
def test_without_a_usable_signature_nothing_is_asked(stranger, backend, headers, path):
    assert send(stranger, path, headers=headers).status_code == 400
    assert not backend.calls
