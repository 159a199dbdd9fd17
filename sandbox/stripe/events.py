"""Events: what happened to the objects, in order, as webhooks tell it."""

from sandbox.documents import Document
from sandbox.stripe.call import Call, operation
from sandbox.stripe.lists import listed
from sandbox.stripe.params import EXPAND, LIST, TEXT, Integer, ListOf, Struct

RANGE = Struct({name: Integer() for name in ("gt", "gte", "lt", "lte")})
OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@operation("GET", "/v1/events/<event>", {"expand": EXPAND})
def retrieve(call: Call, event: str) -> Document:
    """The event, with its object as it was then."""
    return call.find("event", event, param="id")


@operation("GET", "/v1/events", {**LIST, "type": TEXT, "types": ListOf(TEXT, length_max=20), "created": RANGE})
def list_all(call: Call) -> Document:
    """The events, newest first: all, those of some types, those of a time."""
    clauses, values = [], []
    for name, bound in call.params.get("created", {}).items():
        clauses.append(f"json_extract(body, '$.created') {OPERATORS[name]} ?")
        values.append(bound)
    types = call.params.get("types")
    if types:
        clauses.append(f"owner IN ({', '.join('?' * len(types))})")
        values.extend(types)
    return listed(
        call,
        "event",
        url="/v1/events",
        owner=call.params.get("type"),
        where=" AND ".join(clauses),
        values=values,
    )
