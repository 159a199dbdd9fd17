"""`expand[]`: ids in an answer replaced by the objects they name."""

from typing import Any

from sandbox.documents import Document
from sandbox.stripe.call import Call, shown
from sandbox.stripe.errors import StripeError

DEPTH_MAX = 4
KINDS = {
    "charge": "charge",
    "customer": "customer",
    "latest_charge": "charge",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
    "default_payment_method": "payment_method",
}
EMPTY = {"balance_transaction", "application", "on_behalf_of", "review", "mandate", "latest_attempt"}
"""What Stripe can expand and is always null here."""


def expanded(call: Call, document: Document, paths: list[str]) -> Document:
    """The answer with each path expanded; raises StripeError for what cannot be."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEPTH_MAX:
            raise StripeError(f"You cannot expand more than {DEPTH_MAX} levels of a property.", param="expand")
        _expand(call, document, parts, path)
    return document


def _expand(call: Call, document: Any, parts: list[str], path: str) -> None:
    if not parts:
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
    name, rest = parts[0], parts[1:]
    if name == "data" and document.get("object") in ("list", "search_result"):
        for each in document["data"]:
            _expand(call, each, rest, path)
        return
    if name == "refunds" and document.get("object") == "charge":
        found, has_more = call.documents.page("refund", limit=10, owner=document["payment_intent"])
        document["refunds"] = {
            "object": "list",
            "data": [shown(each) for each in found],
            "has_more": has_more,
            "url": f"/v1/charges/{document['id']}/refunds",
        }
    if name not in document:
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
    value = document[name]
    if isinstance(value, str):
        if name not in KINDS:
            raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
        found_one = call.documents.get(KINDS[name], value)
        value = document[name] = None if found_one is None else shown(found_one)
    elif not isinstance(value, dict) and (value is not None or name not in (*KINDS, *EMPTY)):
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
    if rest and isinstance(value, dict):
        _expand(call, value, rest, path)
