"""Payment methods: cards, made in the browser, attached to a customer to be used again."""

import datetime
from typing import Any

from sandbox.documents import Document
from sandbox.stripe import cards
from sandbox.stripe.call import Call, operation, shown
from sandbox.stripe.errors import StripeError, card_error
from sandbox.stripe.ids import new_id
from sandbox.stripe.lists import listed
from sandbox.stripe.params import (
    ADDRESS,
    CLEARABLE,
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

BILLING_DETAILS = Struct(
    {"address": ADDRESS, "email": Email(), "name": CLEARABLE, "phone": CLEARABLE, "tax_id": CLEARABLE}
)
CARD = Struct(
    {
        "number": Text(length_max=30),
        "exp_month": Integer(),
        "exp_year": Integer(),
        "cvc": Text(length_max=10),
        "token": TEXT,
    }
)
CREATE = {
    "type": OneOf(("card",)),
    "card": CARD,
    "billing_details": BILLING_DETAILS,
    "allow_redisplay": OneOf(("always", "limited", "unspecified")),
    "metadata": METADATA,
    "expand": EXPAND,
}
LISTED = {**{name: LIST[name] for name in LIST if name != "created"}, "type": OneOf(("card",))}
SHOWN_NUMBER_DIGITS = 4


@operation("POST", "/v1/payment_methods", CREATE, required=("type",), publishable=True)
def create(call: Call) -> Document:
    """A card typed in the browser; a server may only name a test token."""
    card = call.params.get("card", {})
    if "token" in card:
        name = card["token"].replace("tok_", "", 1)
        if name not in cards.CARDS:
            raise StripeError(f"No such token: '{card['token']}'", code="resource_missing", param="card[token]")
        return _new(call, name, call.params, month=12, year=_today(call)[0] + 2, cvc_given=True)
    if "number" in card and not call.publishable:
        raise cards.raw_number_refused()
    for name in ("number", "exp_month", "exp_year"):
        if name not in card:
            param = f"card[{name}]"
            raise StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)
    name = cards.recognised(card["number"])
    year = card["exp_year"] + (2000 if card["exp_year"] < 100 else 0)
    cards.check_details(cards.CARDS[name], month=card["exp_month"], year=year, cvc=card.get("cvc"), today=_today(call))
    return _new(call, name, call.params, month=card["exp_month"], year=year, cvc_given="cvc" in card)


@operation("GET", "/v1/payment_methods/<payment_method>", {"expand": EXPAND})
def retrieve(call: Call, payment_method: str) -> Document:
    """The payment method."""
    return call.find("payment_method", payment_method, param="payment_method")


@operation(
    "POST",
    "/v1/payment_methods/<payment_method>/attach",
    {"customer": TEXT, "expand": EXPAND},
    required=("customer",),
)
def attach(call: Call, payment_method: str) -> Document:
    """The payment method, now the customer's. Cards that always decline are refused here already."""
    customer = call.find("customer", call.params["customer"], param="customer", status=400)
    method = chosen(call, payment_method, status=404)
    attach_to(call, method, customer["id"])
    return method


@operation("POST", "/v1/payment_methods/<payment_method>/detach", {"expand": EXPAND})
def detach(call: Call, payment_method: str) -> Document:
    """The payment method, no longer anybody's and never usable again."""
    method = call.find("payment_method", payment_method, param="payment_method")
    if method["customer"] is None:
        raise StripeError("The payment method you provided is not attached to a customer so detachment is impossible.")
    customer = call.documents.get("customer", method["customer"])
    if customer and customer["invoice_settings"]["default_payment_method"] == method["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
        call.save(customer)
    method["customer"] = None
    method["_used"] = True
    call.save(method)
    call.emit("payment_method.detached", method)
    return method


@operation("GET", "/v1/payment_methods", {**LISTED, "customer": TEXT})
def list_all(call: Call) -> Document:
    """The payment methods of a customer."""
    customer = call.params.get("customer")
    if customer is not None:
        call.find("customer", customer, param="customer", status=400)
    return listed(call, "payment_method", url="/v1/payment_methods", owner=customer)


@operation("GET", "/v1/customers/<customer>/payment_methods", LISTED)
def list_of_customer(call: Call, customer: str) -> Document:
    """The payment methods of the customer."""
    call.find("customer", customer, param="customer")
    return listed(call, "payment_method", url=f"/v1/customers/{customer}/payment_methods", owner=customer)


@operation("GET", "/v1/customers/<customer>/payment_methods/<payment_method>", {"expand": EXPAND})
def retrieve_of_customer(call: Call, customer: str, payment_method: str) -> Document:
    """The payment method, where it is the customer's."""
    method = call.find("payment_method", payment_method, param="payment_method")
    if method["customer"] != customer:
        raise _not_the_customers(payment_method, status=404)
    return method


def chosen(call: Call, method_id: str, *, status: int = 400) -> Document:
    """The payment method that a call names; an id such as `pm_card_visa` makes a new one."""
    name = cards.TOKENS.get(method_id)
    if name is not None:
        return _new(call, name, {}, month=12, year=_today(call)[0] + 2, cvc_given=True)
    return call.find("payment_method", method_id, param="payment_method", status=status)


def check_usable(method: Document, customer: str | None) -> None:
    """Raises Stripe's error unless an intent of this customer (or of nobody) may use the payment method."""
    if method["customer"] is not None and customer is None:
        raise StripeError(
            f"The PaymentMethod {method['id']} belongs to the Customer {method['customer']}. Please include the "
            "Customer in the `customer` parameter on the PaymentIntent.",
            param="customer",
        )
    if method["customer"] is not None and method["customer"] != customer:
        raise _not_the_customers(method["id"], status=400)
    if method["customer"] is None and method.get("_used"):
        raise StripeError(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
            "with a connected account without Customer attachment, or was detached from a Customer. It may not be "
            "used again. To use a PaymentMethod multiple times, you must attach it to a Customer first."
        )


def attach_to(call: Call, method: Document, customer: str) -> None:
    """Makes the payment method the customer's. Raises Stripe's error where it cannot be."""
    if method["customer"] == customer:
        return
    if method["customer"] is not None:
        raise StripeError("The payment method you provided has already been attached to a customer.")
    check_usable(method, customer)
    refused = cards.CARDS[method["_card"]].refused
    if refused is not None:
        raise card_error(
            refused.message,
            code=refused.code,
            decline_code=refused.decline_code,
            payment_method=shown(method),
            param="cvc" if refused.code == "incorrect_cvc" else None,
        )
    method["customer"] = customer
    record_checks(method, passed=True)
    call.save(method)
    call.emit("payment_method.attached", method)


def record_checks(method: Document, *, passed: bool) -> None:
    """What the bank found when it was first asked about the card."""
    checks = method["card"]["checks"]
    if checks["cvc_check"] is not None:
        checks["cvc_check"] = "pass" if passed else "fail"
    if checks["address_postal_code_check"] is not None:
        checks["address_postal_code_check"] = "pass"
    if checks["address_line1_check"] is not None:
        checks["address_line1_check"] = "pass"


def _not_the_customers(method_id: str, *, status: int) -> StripeError:
    return StripeError(
        f"The customer does not have a payment method with the ID {method_id}. The payment method must be attached to "
        "the customer.",
        status=status,
        code="resource_missing",
        param="payment_method",
    )


def _new(call: Call, name: str, given: dict[str, Any], *, month: int, year: int, cvc_given: bool) -> Document:
    card = cards.CARDS[name]
    billing = given.get("billing_details", {})
    address = billing.get("address", {})
    method: Document = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": given.get("allow_redisplay", "unspecified"),
        "billing_details": {
            "address": {field: address.get(field) for field in ADDRESS.fields},
            "email": billing.get("email"),
            "name": billing.get("name"),
            "phone": billing.get("phone"),
            "tax_id": billing.get("tax_id"),
        },
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": "unchecked" if address.get("line1") else None,
                "address_postal_code_check": "unchecked" if address.get("postal_code") else None,
                "cvc_check": "unchecked" if cvc_given else None,
            },
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": card.fingerprint,
            "funding": card.funding,
            "generated_from": None,
            "last4": card.number[-SHOWN_NUMBER_DIGITS:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": call.now,
        "customer": None,
        "livemode": False,
        "metadata": merged_metadata({}, given.get("metadata") or {}),
        "type": "card",
        # The stand-in's own: which test card it is (never a number), whether its holder agreed to later payments,
        # and whether it was used up by a payment without a customer.
        "_card": name,
        "_set_up": False,
        "_used": False,
    }
    call.save(method)
    return method


def _today(call: Call) -> tuple[int, int]:
    now = datetime.datetime.fromtimestamp(call.now, datetime.UTC)
    return now.year, now.month
