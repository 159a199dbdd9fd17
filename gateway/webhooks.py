"""Webhooks of Stripe and Twilio, passed on as they came: payments and notify check the signatures and store them."""

from xml.etree import ElementTree

from flask import Blueprint, Response, current_app, request

from contracts.notify import ReceiveText, ReceiveTextStatus
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
        return _not_taken(refused)
    return _plain("duplicate" if taken.duplicate else "taken", 200)


@pages.post("/webhooks/twilio/messages")
def incoming_text() -> Response:
    """A text from a phone, answered in TwiML. 200 only once notify has it; Twilio reads nothing else as taken."""
    told = _told_by_twilio()
    if told is None:
        return _plain("no signature", 400)
    url, fields, signature = told
    try:
        answer = ask(ReceiveText(url=url, fields=fields, signature=signature), WEBHOOK_TIMEOUT_S)
    except Refused as refused:
        return _not_taken(refused)
    return Response(_twiml(answer.reply), 200, mimetype="text/xml")


@pages.post("/webhooks/twilio/status")
def text_status() -> Response:
    """What became of a text. Twilio wants nothing back."""
    told = _told_by_twilio()
    if told is None:
        return _plain("no signature", 400)
    url, fields, signature = told
    try:
        ask(ReceiveTextStatus(url=url, fields=fields, signature=signature), WEBHOOK_TIMEOUT_S)
    except Refused as refused:
        return _not_taken(refused)
    return Response("", 204)


def _told_by_twilio() -> tuple[str, dict[str, str], str] | None:
    """The address as the public knows it, which is what Twilio signs, the form's fields and the signature."""
    signature = request.headers.get("X-Twilio-Signature", "")
    if not signature or len(signature) > _LONGEST_SIGNATURE:
        return None
    query = request.query_string.decode("latin-1")
    portal_url = current_app.extensions["porchlight.settings"].portal_url.rstrip("/")
    url = f"{portal_url}{request.path}" + (f"?{query}" if query else "")
    return url, request.form.to_dict(), signature


def _twiml(reply: str | None) -> str:
    # Source: Twilio's documentation, "TwiML for Programmable Messaging".
    response = ElementTree.Element("Response")
    if reply is not None:
        ElementTree.SubElement(response, "Message").text = reply
    return ElementTree.tostring(response, encoding="unicode", xml_declaration=True)


def _not_taken(refused: Refused) -> Response:
    log.warning("webhook_not_taken", code=refused.code, reason=refused.message)
    return _plain("try again later", 503) if refused.code in UNANSWERED else _plain("refused", 400)


def _plain(text: str, status: int) -> Response:
    return Response(text + "\n", status, mimetype="text/plain")
