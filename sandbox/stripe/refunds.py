"""Refunds: money sent back, never more than was captured and not yet sent back."""

from sandbox.documents import Document
from sandbox.stripe.amounts import written
from sandbox.stripe.call import Call, operation
from sandbox.stripe.errors import StripeError
from sandbox.stripe.ids import new_id
from sandbox.stripe.lists import listed
from sandbox.stripe.params import EXPAND, LIST, METADATA, TEXT, Integer, OneOf, merged_metadata

CREATE = {
    "amount": Integer(least=1),
    "charge": TEXT,
    "expand": EXPAND,
    "metadata": METADATA,
    "payment_intent": TEXT,
    "reason": OneOf(("duplicate", "fraudulent", "requested_by_customer")),
}


@operation("POST", "/v1/refunds", CREATE)
def create(call: Call) -> Document:
    """A refund of a part or, without an amount, of all that is left."""
    charge = _refunded_charge(call)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = call.params.get("amount", left)
    if amount > left:
        currency = charge["currency"]
        raise StripeError(
            f"Refund amount ({written(amount, currency)}) is greater than unrefunded amount on charge "
            f"({written(left, currency)})",
            param="amount",
        )
    refund: Document = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": merged_metadata({}, call.params.get("metadata", {})),
        "payment_intent": charge["payment_intent"],
        "reason": call.params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    call.save(refund)
    call.save(charge)
    call.emit("refund.created", refund)
    call.emit("charge.refunded", charge)
    return refund


@operation("GET", "/v1/refunds/<refund>", {"expand": EXPAND})
def retrieve(call: Call, refund: str) -> Document:
    """The refund."""
    return call.find("refund", refund, param="id")


@operation("GET", "/v1/refunds", {**LIST, "payment_intent": TEXT, "charge": TEXT})
def list_all(call: Call) -> Document:
    """The refunds, of a payment or all, newest first."""
    owner = call.params.get("payment_intent")
    if "charge" in call.params:
        owner = call.find("charge", call.params["charge"], param="charge", status=400)["payment_intent"]
    return listed(call, "refund", url="/v1/refunds", owner=owner)


def _refunded_charge(call: Call) -> Document:
    if "charge" in call.params:
        charge = call.find("charge", call.params["charge"], param="charge", status=400)
    elif "payment_intent" in call.params:
        intent = call.find("payment_intent", call.params["payment_intent"], param="payment_intent", status=400)
        if intent["status"] != "succeeded":
            raise StripeError(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
        charge = call.find("charge", intent["latest_charge"], param="charge")
    else:
        raise StripeError("One of the following params should be provided for this request: payment_intent or charge.")
    if charge["status"] != "succeeded":
        raise StripeError(f"Charge {charge['id']} was not successful, so it cannot be refunded.")
    return charge
