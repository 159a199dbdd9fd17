"""Stripe's webhooks, passed on as they came: payments checks the signature on the raw bytes and stores them."""

from flask import Blueprint, Response, request

from contracts.payments import ReceiveStripeWebhook
from contracts.wire import Refused
from gateway.composition import ask
from gateway.log import log
from gateway.rpc import UNANSWERED, WEBHOOK_TIMEOUT_S

pages = Blueprint("webhooks", __name__)

LARGEST_BODY = 512 * 1024
_LONGEST_SIGNATURE = 4096


@pages.post("/webhooks/stripe")
def stripe() -> Response:
    """200 only once payments has it; 400 when it is not Stripe's; 503 asks Stripe to send it again."""
    request.max_content_length = LARGEST_BODY
    signature = request.headers.get("Stripe-Signature", "")
    if not signature or len(signature) > _LONGEST_SIGNATURE:
        return _plain("no signature", 400)
    try:
        payload = request.get_data(cache=False).decode("utf-8")
    except UnicodeDecodeError:
        return _plain("not UTF-8", 400)
    try:
        taken = ask(ReceiveStripeWebhook(payload=payload, signature=signature), WEBHOOK_TIMEOUT_S)
    except Refused as refused:
        log.warning("webhook_not_taken", code=refused.code, reason=refused.message)
        return _plain("try again later", 503) if refused.code in UNANSWERED else _plain("refused", 400)
    return _plain("duplicate" if taken.duplicate else "taken", 200)


def _plain(text: str, status: int) -> Response:
    return Response(text + "\n", status, mimetype="text/plain")
