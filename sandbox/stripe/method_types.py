"""Which payment methods an intent takes, which the API's versions let a call say in different ways.

Source: Stripe's changelog, "Adds the allowed payment method types parameter" (2026-07-29.dahlia) and "Removes the
payment method types parameter from Payment Intents and Setup Intents" (2026-09-30.endive).
"""

from sandbox.documents import Document
from sandbox.stripe.call import Call
from sandbox.stripe.errors import StripeError
from sandbox.stripe.params import BOOLEAN, ListOf, OneOf, Struct

PARAMS = {
    "allowed_payment_method_types": ListOf(OneOf(("card",))),
    "automatic_payment_methods": Struct(
        {"enabled": BOOLEAN, "allow_redirects": OneOf(("always", "never"))}, ("enabled",)
    ),
    "payment_method_types": ListOf(OneOf(("card",))),
}
ALLOWED_SINCE = "2026-07-29"
LISTED_UNTIL = "2026-09-30"


def automatic_methods(call: Call) -> Document | None:
    """The intent's `automatic_payment_methods`: those of the account, unless the call lists them.

    Raises Stripe's error for what the call's version of the API does not take.
    """
    given = [name for name in PARAMS if name in call.params]
    version = call.api_version[:10]
    if "payment_method_types" in given and version >= LISTED_UNTIL:
        raise StripeError(
            "The `payment_method_types` parameter is no longer supported in this API version. Use dynamic payment "
            "methods (`automatic_payment_methods`), or `allowed_payment_method_types` to limit them.",
            code="payment_method_types_no_longer_supported",
            param="payment_method_types",
        )
    if "allowed_payment_method_types" in given and version < ALLOWED_SINCE:
        param = "allowed_payment_method_types"
        raise StripeError(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)
    if len(given) > 1:
        raise StripeError(f"You may only specify one of these parameters: {', '.join(given)}.")
    automatic = call.params.get("automatic_payment_methods", {"enabled": not given})
    if not automatic["enabled"]:
        return None
    return {"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": True}


def check_return_url(intent: Document, label: str) -> None:
    """Raises Stripe's error where its payment methods might redirect and the call does not say where to return."""
    automatic = intent["automatic_payment_methods"]
    if automatic is None or automatic["allow_redirects"] == "never" or intent["_return_url"] is not None:
        return
    raise StripeError(
        f"This {label} is configured to accept payment methods enabled in your Dashboard. Because some of these "
        "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you "
        "don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
    )
