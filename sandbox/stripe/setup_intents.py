"""Setup intents: a card kept for later payments, its holder asked once."""

from typing import Any

from sandbox.documents import Document
from sandbox.stripe import authentication, cards, method_types, payment_methods, payments
from sandbox.stripe.call import Call, operation, shown
from sandbox.stripe.errors import StripeError, card_error
from sandbox.stripe.ids import new_id
from sandbox.stripe.params import BOOLEAN, CLEARABLE, EXPAND, METADATA, TEXT, OneOf, merged_metadata
from sandbox.stripe.payment_intents import OPTIONS

CONFIRM = {
    "expand": EXPAND,
    "payment_method": TEXT,
    "payment_method_options": OPTIONS,
    "return_url": TEXT,
    "use_stripe_sdk": BOOLEAN,
}
CREATE = {
    **CONFIRM,
    **method_types.PARAMS,
    "confirm": BOOLEAN,
    "customer": TEXT,
    "description": CLEARABLE,
    "metadata": METADATA,
    "usage": OneOf(("off_session", "on_session")),
}
CANCEL_REASONS = ("abandoned", "duplicate", "requested_by_customer")
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


@operation("POST", "/v1/setup_intents", CREATE)
def create(call: Call) -> Document:
    """A new intent, confirmed at once where the call says so."""
    wanted = call.params
    if "customer" in wanted:
        call.find("customer", wanted["customer"], param="customer", status=400)
    intent = _new(call, wanted)
    if "payment_method" in wanted:
        method = payment_methods.chosen(call, wanted["payment_method"])
        payment_methods.check_usable(method, intent["customer"])
        intent.update(payment_method=method["id"], status="requires_confirmation")
        wanted["payment_method"] = method["id"]
    call.save(intent)
    call.emit("setup_intent.created", intent)
    if wanted.get("confirm"):
        _confirmed(call, intent)
    return intent


@operation("GET", "/v1/setup_intents/<intent>", {"client_secret": TEXT, "expand": EXPAND}, publishable=True)
def retrieve(call: Call, intent: str) -> Document:
    """The intent."""
    document = call.find("setup_intent", intent, param="intent")
    call.check_client_secret(document)
    return document


@operation("POST", "/v1/setup_intents/<intent>/confirm", {**CONFIRM, "client_secret": TEXT}, publishable=True)
def confirm(call: Call, intent: str) -> Document:
    """The intent, succeeded with its card the customer's, or waiting for the holder's answer."""
    document = call.find("setup_intent", intent, param="intent")
    call.check_client_secret(document)
    _confirmed(call, document)
    return document


@operation(
    "POST",
    "/v1/setup_intents/<intent>/cancel",
    {"cancellation_reason": OneOf(CANCEL_REASONS), "expand": EXPAND},
)
def cancel(call: Call, intent: str) -> Document:
    """The intent, of no more use."""
    document = call.find("setup_intent", intent, param="intent")
    if document["status"] not in OPEN:
        raise _unexpected(
            document,
            f"You cannot cancel this SetupIntent because it has a status of {document['status']}. Only a SetupIntent "
            f"with one of the following statuses may be canceled: {', '.join(OPEN)}.",
        )
    document.update(status="canceled", cancellation_reason=call.params.get("cancellation_reason"), next_action=None)
    call.save(document)
    call.emit("setup_intent.canceled", document)
    return document


def answered(call: Call, intent: Document, *, completed: bool) -> None:
    """The holder's answer to the question: the card is kept, or the intent wants another."""
    method = call.find("payment_method", intent["payment_method"], param="payment_method")
    intent["next_action"] = None
    if completed:
        try:
            _succeed(call, intent, method)
        except StripeError as error:
            if error.status != 402:
                raise
    else:
        _fail(
            call,
            intent,
            {
                "code": "setup_intent_authentication_failure",
                "doc_url": "https://stripe.com/docs/error-codes/setup-intent-authentication-failure",
                "message": payments.NOT_AUTHENTICATED,
                "payment_method": shown(method),
                "type": "invalid_request_error",
            },
        )


def _confirmed(call: Call, intent: Document) -> None:
    wanted = call.params
    if intent["status"] not in OPEN:
        reason = (
            "it has already succeeded."
            if intent["status"] == "succeeded"
            else f"it has a status of {intent['status']}. Only a SetupIntent with one of the following statuses may be "
            f"confirmed: {', '.join(OPEN)}."
        )
        raise _unexpected(intent, f"You cannot confirm this SetupIntent because {reason}")
    method_id = wanted.get("payment_method", intent["payment_method"])
    if method_id is None:
        raise _unexpected(
            intent,
            "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the "
            "SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
            "method or ConfirmationToken.",
        )
    method = payment_methods.chosen(call, method_id)
    payment_methods.check_usable(method, intent["customer"])
    intent["payment_method"] = method["id"]
    intent["last_setup_error"] = None
    intent["_return_url"] = wanted.get("return_url")
    method_types.check_return_url(intent, "SetupIntent")
    # The 3-D Secure of a setup is what makes later payments possible without the holder.
    if cards.CARDS[method["_card"]].asks(off_session=False, set_up=method["_set_up"]):
        intent["status"] = "requires_action"
        intent["next_action"] = authentication.asked(
            call,
            intent,
            return_url=intent["_return_url"],
            use_stripe_sdk=wanted.get("use_stripe_sdk", call.publishable),
        )
        call.save(intent)
        call.emit("setup_intent.requires_action", intent)
        return
    _succeed(call, intent, method)


def _succeed(call: Call, intent: Document, method: Document) -> None:
    refused = cards.CARDS[method["_card"]].refused
    if refused is not None:
        payment_methods.record_checks(method, passed=refused is not cards.WRONG_CVC)
        call.save(method)
        error = {
            "code": refused.code,
            "decline_code": refused.decline_code,
            "doc_url": f"https://stripe.com/docs/error-codes/{refused.code.replace('_', '-')}",
            "message": refused.message,
            "payment_method": shown(method),
            "type": "card_error",
        }
        _fail(call, intent, {name: value for name, value in error.items() if value is not None})
        raise card_error(
            refused.message,
            code=refused.code,
            decline_code=refused.decline_code,
            param="cvc" if refused is cards.WRONG_CVC else None,
            payment_method=shown(method),
            setup_intent=shown(intent),
        )
    intent.update(status="succeeded", next_action=None)
    method["_set_up"] = method["_set_up"] or intent["usage"] == "off_session"
    if intent["customer"] is not None:
        payment_methods.attach_to(call, method, intent["customer"])
    call.save(method)
    call.save(intent)
    call.emit("setup_intent.succeeded", intent)


def _fail(call: Call, intent: Document, error: Document) -> None:
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_setup_error=error)
    call.save(intent)
    call.emit("setup_intent.setup_failed", intent)


def _unexpected(intent: Document, message: str) -> StripeError:
    return StripeError(message, code="setup_intent_unexpected_state", setup_intent=shown(intent))


def _new(call: Call, wanted: dict[str, Any]) -> Document:
    intent_id = new_id("seti")
    return {
        "id": intent_id,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": method_types.automatic_methods(call),
        "cancellation_reason": None,
        "client_secret": f"{intent_id}_{new_id('secret')}",
        "created": call.now,
        "customer": wanted.get("customer"),
        "description": wanted.get("description"),
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merged_metadata({}, wanted.get("metadata", {})),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": wanted.get("payment_method_options", {})
                .get("card", {})
                .get("request_three_d_secure", "automatic"),
            }
        },
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": wanted.get("usage", "off_session"),
        "_return_url": None,
    }
