import json
import time

import pytest
import stripe

from services.payments.clients.provider import ForgedWebhook
from services.payments.clients.stripe_api import StripeProvider

OURS = "0190a000-0000-7000-8000-000000000001"
SECRET = "whsec_of_the_test"
PROVIDER = StripeProvider(
    secret_key="sk_test_x",
    webhook_secret=SECRET,
    api_base="http://127.0.0.1:1",
    timeout_s=1,
    max_network_retries=0,
)


def verified(**event):
    subject = {"id": "pi_1", "metadata": {"payment_id": OURS}} | event.pop("subject", {})
    payload = json.dumps({"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": subject}} | event)
    signature = stripe.WebhookSignature.generate_signature_header(payload, SECRET, int(time.time()))
    return PROVIDER.verify_webhook(payload, signature)


def test_a_webhook_tells_its_id_and_what_it_is_about():
    event = verified()
    assert (event.event_id, event.type, event.object_id, event.payment_id) == (
        "evt_1",
        "payment_intent.succeeded",
        "pi_1",
        OURS,
    )


@pytest.mark.parametrize("theirs", ["order 7", 7, "x" * 500, f"{OURS} and more", "\0" * 36, None])
def test_what_another_program_calls_its_payments_is_no_id_of_ours(theirs):
    assert verified(subject={"metadata": {"payment_id": theirs}}).payment_id is None


@pytest.mark.parametrize(
    "event",
    [
        {"id": "evt_\0"},
        {"id": "evt_\ud800"},
        {"id": "e" * 256},
        {"type": "t" * 101},
        {"subject": {"id": "pi_\0"}},
        {"subject": {"id": "p" * 256}},
    ],
)
def test_a_name_that_cannot_be_stored_is_none_of_stripes(event):
    with pytest.raises(ForgedWebhook):
        verified(**event)
