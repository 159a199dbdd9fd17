"""Payment intents. Source of the states: Stripe's documentation, "How PaymentIntents work"."""

from typing import Any

from sandbox.documents import Document
from sandbox.stripe import amounts, method_types, payment_methods, payments, search
from sandbox.stripe.call import Call, operation, shown
from sandbox.stripe.errors import StripeError
from sandbox.stripe.ids import new_id
from sandbox.stripe.lists import listed, page
from sandbox.stripe.params import (
    BOOLEAN,
    EXPAND,
    LIST,
    METADATA,
    TEXT,
    Email,
    Integer,
    OneOf,
    Struct,
    Text,
    merged_metadata,
)

OPTIONS = Struct({"card": Struct({"request_three_d_secure": OneOf(("any", "automatic", "challenge"))})})
CONFIRM = {
    "error_on_requires_action": BOOLEAN,
    "expand": EXPAND,
    "off_session": OneOf(("one_off", "recurring"), booleans=True),
    "payment_method": TEXT,
    "payment_method_options": OPTIONS,
    "receipt_email": Email(),
    "return_url": TEXT,
    "setup_future_usage": OneOf(("off_session", "on_session")),
    "use_stripe_sdk": BOOLEAN,
}
CREATE = {
    **CONFIRM,
    **method_types.PARAMS,
    "amount": Integer(),
    "capture_method": OneOf(("automatic", "automatic_async")),
    "confirm": BOOLEAN,
    "confirmation_method": OneOf(("automatic", "manual")),
    "currency": Text(length_max=3),
    "customer": TEXT,
    "description": Text(length_max=1000, clears=True),
    "metadata": METADATA,
    "statement_descriptor": Text(length_max=22, clears=True),
    "statement_descriptor_suffix": Text(length_max=22, clears=True),
}
CANCEL_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
CANCELABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


@operation("POST", "/v1/payment_intents", CREATE, required=("amount", "currency"))
def create(call: Call) -> Document:
    """A new intent, confirmed at once where the call says so."""
    wanted = call.params
    currency = amounts.check_currency(wanted["currency"])
    if wanted["amount"] < 1:
        raise StripeError(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    amounts.check_chargeable(wanted["amount"], currency)
    if "customer" in wanted:
        call.find("customer", wanted["customer"], param="customer", status=400)
    intent = _new(call, wanted, currency)
    if "payment_method" in wanted:
        method = payment_methods.chosen(call, wanted["payment_method"])
        payment_methods.check_usable(method, intent["customer"])
        intent.update(payment_method=method["id"], status="requires_confirmation")
        wanted["payment_method"] = method["id"]
    call.save(intent)
    call.emit("payment_intent.created", intent)
    if wanted.get("confirm"):
        _confirmed(call, intent)
    elif "off_session" in wanted:
        raise StripeError(
            "You can only set `off_session` when you are confirming the PaymentIntent (`confirm` is true).",
            param="off_session",
        )
    return intent


@operation("GET", "/v1/payment_intents/<intent>", {"client_secret": TEXT, "expand": EXPAND}, publishable=True)
def retrieve(call: Call, intent: str) -> Document:
    """The intent."""
    document = call.find("payment_intent", intent, param="intent")
    call.check_client_secret(document)
    return document


@operation("POST", "/v1/payment_intents/<intent>/confirm", {**CONFIRM, "client_secret": TEXT}, publishable=True)
def confirm(call: Call, intent: str) -> Document:
    """The intent after the attempt to pay it: succeeded, or waiting for its holder's answer."""
    document = call.find("payment_intent", intent, param="intent")
    call.check_client_secret(document)
    if call.publishable and document["confirmation_method"] == "manual":
        raise _unexpected(
            document,
            f"This PaymentIntent {intent} cannot be confirmed using your publishable key because its "
            "`confirmation_method` is set to `manual`. Please use your secret key to confirm this intent.",
        )
    _confirmed(call, document)
    return document


@operation(
    "POST",
    "/v1/payment_intents/<intent>/cancel",
    {"cancellation_reason": OneOf(CANCEL_REASONS), "expand": EXPAND},
)
def cancel(call: Call, intent: str) -> Document:
    """The intent, never to be paid."""
    document = call.find("payment_intent", intent, param="intent")
    if document["status"] not in CANCELABLE:
        raise _unexpected(
            document,
            f"You cannot cancel this PaymentIntent because it has a status of {document['status']}. Only a "
            f"PaymentIntent with one of the following statuses may be canceled: {', '.join(CANCELABLE)}.",
        )
    document.update(
        status="canceled",
        canceled_at=call.now,
        cancellation_reason=call.params.get("cancellation_reason"),
        next_action=None,
    )
    call.save(document)
    call.emit("payment_intent.canceled", document)
    return document


@operation("GET", "/v1/payment_intents", {**LIST, "customer": TEXT})
def list_all(call: Call) -> Document:
    """The intents, of a customer or all, newest first."""
    return listed(call, "payment_intent", url="/v1/payment_intents", owner=call.params.get("customer"))


@operation(
    "GET",
    "/v1/payment_intents/search",
    {"query": TEXT, "limit": LIST["limit"], "page": TEXT, "expand": EXPAND},
    required=("query",),
)
def search_all(call: Call) -> Document:
    """The intents that a query in Stripe's search language finds, newest first."""
    where, values = search.compiled(call.params["query"])
    offset = search.offset(call.params.get("page"))
    limit = call.params.get("limit", 10)
    found, has_more = call.documents.page("payment_intent", limit=limit, where=where, values=values, offset=offset)
    answer = page("/v1/payment_intents/search", found, has_more=has_more)
    answer["object"] = "search_result"
    answer["next_page"] = search.page_token(offset + limit) if has_more else None
    return answer


def _confirmed(call: Call, intent: Document) -> None:
    wanted = call.params
    if intent["status"] not in CONFIRMABLE:
        reason = (
            "it has already succeeded after being previously confirmed."
            if intent["status"] == "succeeded"
            else f"it has a status of {intent['status']}. Only a PaymentIntent with one of the following statuses may "
            f"be confirmed: {', '.join(CONFIRMABLE)}."
        )
        raise _unexpected(intent, f"You cannot confirm this PaymentIntent because {reason}")
    method_id = wanted.get("payment_method", intent["payment_method"])
    if method_id is None:
        raise _unexpected(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
        )
    method = payment_methods.chosen(call, method_id)
    payment_methods.check_usable(method, intent["customer"])
    if "setup_future_usage" in wanted:
        intent["setup_future_usage"] = wanted["setup_future_usage"]
    if "receipt_email" in wanted:
        intent["receipt_email"] = wanted["receipt_email"]
    intent["payment_method_options"]["card"] |= wanted.get("payment_method_options", {}).get("card", {})
    intent["_return_url"] = wanted.get("return_url")
    method_types.check_return_url(intent, "PaymentIntent")
    payments.attempt(
        call,
        intent,
        method,
        off_session=bool(wanted.get("off_session", False)),
        refuse_action=wanted.get("error_on_requires_action", False),
        use_stripe_sdk=wanted.get("use_stripe_sdk", call.publishable),
    )


def _unexpected(intent: Document, message: str) -> StripeError:
    return StripeError(message, code="payment_intent_unexpected_state", payment_intent=shown(intent))


def _new(call: Call, wanted: dict[str, Any], currency: str) -> Document:
    intent_id = new_id("pi")
    three_d_secure = wanted.get("payment_method_options", {}).get("card", {}).get("request_three_d_secure", "automatic")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": wanted["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": method_types.automatic_methods(call),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": wanted.get("capture_method", "automatic_async"),
        "client_secret": f"{intent_id}_{new_id('secret')}",
        "confirmation_method": wanted.get("confirmation_method", "automatic"),
        "created": call.now,
        "currency": currency,
        "customer": wanted.get("customer"),
        "description": wanted.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": merged_metadata({}, wanted.get("metadata", {})),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": three_d_secure,
            }
        },
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": wanted.get("receipt_email"),
        "review": None,
        "setup_future_usage": wanted.get("setup_future_usage"),
        "shipping": None,
        "source": None,
        "statement_descriptor": wanted.get("statement_descriptor"),
        "statement_descriptor_suffix": wanted.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        "_return_url": wanted.get("return_url"),
    }
