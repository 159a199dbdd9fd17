"""Customers."""

from typing import Any

from sandbox.documents import Document
from sandbox.stripe import payment_methods
from sandbox.stripe.call import Call, operation
from sandbox.stripe.errors import StripeError
from sandbox.stripe.ids import new_id
from sandbox.stripe.params import ADDRESS, CLEARABLE, EXPAND, METADATA, TEXT, Email, Struct, Text, merged_metadata

FIELDS = {
    "address": ADDRESS,
    "description": CLEARABLE,
    "email": Email(),
    "expand": EXPAND,
    "invoice_settings": Struct({"default_payment_method": CLEARABLE}),
    "metadata": METADATA,
    "name": Text(length_max=256, clears=True),
    "phone": Text(length_max=20, clears=True),
}


@operation("POST", "/v1/customers", {**FIELDS, "payment_method": TEXT})
def create(call: Call) -> Document:
    """A new customer; a `payment_method` is attached to it."""
    customer: Document = {
        "id": new_id("cus", length=14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("x", length=8)[2:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    method_id = call.params.get("payment_method")
    call.save(customer)
    if method_id is not None:
        payment_methods.attach_to(call, payment_methods.chosen(call, method_id), customer["id"])
    _change(call, customer, call.params)
    call.emit("customer.created", customer)
    return customer


@operation("GET", "/v1/customers/<customer>", {"expand": EXPAND})
def retrieve(call: Call, customer: str) -> Document:
    """The customer."""
    return call.find("customer", customer, param="id")


@operation("POST", "/v1/customers/<customer>", FIELDS)
def update(call: Call, customer: str) -> Document:
    """The customer with what was given changed."""
    document = call.find("customer", customer, param="id")
    _change(call, document, call.params)
    call.emit("customer.updated", document)
    return document


def _change(call: Call, customer: Document, wanted: dict[str, Any]) -> None:
    for name in ("description", "email", "name", "phone"):
        if name in wanted:
            customer[name] = wanted[name]
    if "address" in wanted:
        customer["address"] = {
            name: wanted["address"].get(name, (customer["address"] or {}).get(name)) for name in ADDRESS.fields
        }
    if "metadata" in wanted:
        customer["metadata"] = merged_metadata(customer["metadata"], wanted["metadata"])
    settings = wanted.get("invoice_settings", {})
    if "default_payment_method" in settings:
        method_id = settings["default_payment_method"]
        if method_id is not None:
            param = "invoice_settings[default_payment_method]"
            method = call.find("payment_method", method_id, param=param, status=400)
            if method["customer"] != customer["id"]:
                raise StripeError(
                    f"The customer does not have a payment method with the ID {method_id}. The payment method must "
                    "be attached to the customer.",
                    code="resource_missing",
                    param=param,
                )
        customer["invoice_settings"]["default_payment_method"] = method_id
    call.save(customer)
