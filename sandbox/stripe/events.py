"""Events: what happened to the objects, in order, as webhooks tell it."""

from sandbox.documents import Document
from sandbox.stripe.call import Call, operation
from sandbox.stripe.lists import listed
from sandbox.stripe.params import EXPAND, LIST, TEXT, ListOf


@operation("GET", "/v1/events/<event>", {"expand": EXPAND})
def retrieve(call: Call, event: str) -> Document:
    """The event, with its object as it was then."""
    return call.find("event", event, param="id")


@operation("GET", "/v1/events", {**LIST, "type": TEXT, "types": ListOf(TEXT, length_max=20)})
def list_all(call: Call) -> Document:
    """The events, newest first: all, those of some types, those of a time."""
    types = call.params.get("types", [])
    return listed(
        call,
        "event",
        url="/v1/events",
        owner=call.params.get("type"),
        where=f"owner IN ({', '.join('?' * len(types))})" if types else "",
        values=types,
    )
