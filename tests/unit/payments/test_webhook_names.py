import json
import time

import pytest
import stripe

from services.payments.clients.provider import ForgedWebhook
from services.payments.clients.stripe_api import StripeProvider

SECRET = "whsec_of_the_test"
PROVIDER = StripeProvider(
    secret_key="sk_test_x",
    webhook_secret=SECRET,
    api_base="http://127.0.0.1:1",
    timeout_s=1,
    max_network_retries=0,
)


def verified(**event):
    subject = {"id": "pi_1", "metadata": {"payment_id": "ours"}} | event.pop("subject", {})
    payload = json.dumps({"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": subject}} | event)
    signature = stripe.WebhookSignature.generate_signature_header(payload, SECRET, int(time.time()))
    return PROVIDER.verify_webhook(payload, signature)


def test_a_webhook_tells_its_id_and_what_it_is_about():
    event = verified()
    assert (event.event_id, event.type, event.object_id, event.payment_id) == (
        "evt_1",
        "payment_intent.succeeded",
        "pi_1",
        "ours",
    )


@pytest.mark.parametrize(
    "event",
    [
        {"id": "evt_\0"},
        {"id": "e" * 256},
        {"type": "t" * 101},
        {"subject": {"id": "pi_\0"}},
        {"subject": {"id": "p" * 256}},
        {"subject": {"metadata": {"payment_id": "\0"}}},
    ],
)
def test_a_name_that_cannot_be_stored_is_refused_rather_than_sent_again_for_days(event):
    with pytest.raises(ForgedWebhook):
        verified(**event)
