"""Disputes: a bank takes back what a card had paid. The evidence decides, as Stripe's test mode does it.

Source: Stripe's documentation, "Testing", "Disputes" and "Evidence".
"""

from sandbox.documents import Document
from sandbox.stripe.call import Call, operation
from sandbox.stripe.errors import StripeError
from sandbox.stripe.ids import new_id
from sandbox.stripe.lists import listed
from sandbox.stripe.params import BOOLEAN, EXPAND, LIST, METADATA, TEXT, Struct, merged_metadata

ANSWER_WITHIN_S = 7 * 24 * 3600
WINNING, LOSING = "winning_evidence", "losing_evidence"

UPDATE = {
    "evidence": Struct({"uncategorized_text": TEXT}),
    "expand": EXPAND,
    "metadata": METADATA,
    "submit": BOOLEAN,
}


@operation("GET", "/v1/disputes/<dispute>", {"expand": EXPAND})
def retrieve(call: Call, dispute: str) -> Document:
    """The dispute."""
    return call.find("dispute", dispute, param="id")


@operation("GET", "/v1/disputes", {**LIST, "payment_intent": TEXT, "charge": TEXT})
def list_all(call: Call) -> Document:
    """The disputes, of a payment or all, newest first."""
    return listed(call, "dispute", url="/v1/disputes", owner=call.params.get("payment_intent"))


@operation("POST", "/v1/disputes/<dispute>", UPDATE)
def update(call: Call, dispute: str) -> Document:
    """Answer the bank: `winning_evidence` as text wins, `losing_evidence` loses, anything else stays under review."""
    found = call.find("dispute", dispute, param="id")
    if found["status"] not in ("needs_response", "under_review"):
        raise StripeError("This dispute is already closed.", code="dispute_already_closed")
    text = call.params.get("evidence", {}).get("uncategorized_text")
    found["metadata"] = merged_metadata(found["metadata"], call.params.get("metadata", {}))
    if text is not None:
        found["evidence"]["uncategorized_text"] = text
        found["evidence_details"] |= {"has_evidence": True, "submission_count": 1}
        found["status"] = {WINNING: "won", LOSING: "lost"}.get(text, "under_review")
    call.save(found)
    call.emit("charge.dispute.updated", found)
    if found["status"] == "won":
        call.emit("charge.dispute.funds_reinstated", found)
    if found["status"] in ("won", "lost"):
        call.emit("charge.dispute.closed", found)
    return found


@operation("POST", "/v1/disputes/<dispute>/close", {"expand": EXPAND})
def close(call: Call, dispute: str) -> Document:
    """Give in: the money is lost."""
    found = call.find("dispute", dispute, param="id")
    if found["status"] not in ("needs_response", "under_review"):
        raise StripeError("This dispute is already closed.", code="dispute_already_closed")
    found["status"] = "lost"
    call.save(found)
    call.emit("charge.dispute.closed", found)
    return found


def opened(call: Call, charge: Document) -> None:
    """The bank of a card takes the whole charge back."""
    dispute: Document = {
        "id": new_id("dp"),
        "object": "dispute",
        "amount": charge["amount_captured"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "evidence": {"uncategorized_text": None},
        "evidence_details": {
            "due_by": call.now + ANSWER_WITHIN_S,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": "fraudulent",
        "status": "needs_response",
    }
    charge["disputed"] = True
    call.save(charge)
    call.save(dispute)
    call.emit("charge.dispute.created", dispute)
    call.emit("charge.dispute.funds_withdrawn", dispute)
