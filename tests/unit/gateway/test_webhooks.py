"""Stripe's webhooks are passed on unread, and taken only when payments has them."""

import pytest

from contracts import codes
from contracts.payments import ReceiveStripeWebhook, WebhookTaken
from contracts.wire import Refused

SIGNED = {"Stripe-Signature": "t=1,v1=abc"}
BODY = '{"id": "evt_1",  "ümlaut": true}\n'


def send(browser, body=BODY, headers=SIGNED):
    return browser.post("/webhooks/stripe", data=body.encode() if isinstance(body, str) else body, headers=headers)


@pytest.mark.parametrize("duplicate", [False, True])
def test_a_webhook_is_taken_as_it_came(stranger, backend, duplicate):
    backend.answers(ReceiveStripeWebhook, WebhookTaken(event_id="evt_1", duplicate=duplicate))
    assert send(stranger).status_code == 200
    assert backend.calls == [ReceiveStripeWebhook(payload=BODY, signature="t=1,v1=abc")]


def test_a_forged_webhook_is_refused(stranger, backend):
    backend.answers(ReceiveStripeWebhook, Refused(codes.INVALID, "The signature does not fit."))
    assert send(stranger).status_code == 400


@pytest.mark.parametrize("code", [codes.UNAVAILABLE, codes.INTERNAL, codes.EXPIRED])
def test_without_payments_stripe_is_asked_to_come_again(stranger, backend, code):
    backend.answers(ReceiveStripeWebhook, Refused(code, "Away."))
    assert send(stranger).status_code == 503


@pytest.mark.parametrize("headers", [{}, {"Stripe-Signature": "v" * 5000}])
def test_without_a_usable_signature_nothing_is_asked(stranger, backend, headers):
    assert send(stranger, headers=headers).status_code == 400
    assert not backend.calls


def test_a_body_that_is_not_text_is_refused(stranger, backend):
    assert send(stranger, body=b"\xff\xfe").status_code == 400
    assert not backend.calls


def test_a_webhook_may_be_larger_than_a_form_but_not_without_bound(stranger, backend):
    backend.answers(ReceiveStripeWebhook, WebhookTaken(event_id="evt_1", duplicate=False))
    assert send(stranger, body="x" * 300_000).status_code == 200
    assert send(stranger, body="x" * 600_000).status_code == 413


def test_a_webhook_sets_no_cookie_and_needs_no_host_name(stranger, backend):
    backend.answers(ReceiveStripeWebhook, WebhookTaken(event_id="evt_1", duplicate=False))
    answer = stranger.post("/webhooks/stripe", data=BODY, headers=SIGNED, base_url="http://gateway:8000")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
