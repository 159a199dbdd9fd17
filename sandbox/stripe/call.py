"""One API call under way: what it was asked, and what it may reach while it is answered."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.documents import Document, Documents
from sandbox.stripe.errors import StripeError, missing
from sandbox.stripe.ids import new_id
from sandbox.stripe.params import Struct

OWNER = {
    "customer": "email",
    "payment_method": "customer",
    "payment_intent": "customer",
    "setup_intent": "customer",
    "charge": "payment_intent",
    "refund": "payment_intent",
    "dispute": "payment_intent",
    "event": "type",
}
"""By which of its fields the objects of a kind are listed."""

PRIVATE = "_"
"""What the stand-in keeps for itself in a document is named with this first, and never shown."""


@dataclass(kw_only=True)
class Call:
    """The parameters of a call, typed, and the documents of its transaction. `now` is Unix seconds."""

    documents: Documents
    params: dict[str, Any]
    now: int
    base_url: str
    api_version: str
    request_id: str
    idempotency_key: str | None = None
    publishable: bool = False
    events: list[Document] = field(default_factory=list)

    def find(self, kind: str, document_id: str, *, param: str, status: int = 404) -> Document:
        """The object, or Stripe's resource_missing."""
        document = self.documents.get(kind, document_id)
        if document is None:
            raise missing(kind, document_id, param=param, status=status)
        return document

    def save(self, document: Document) -> None:
        """Keeps a new or changed object."""
        kind = document["object"]
        self.documents.put(kind, document, owner=document.get(OWNER[kind]))

    def emit(self, event_type: str, document: Document) -> None:
        """Records that something happened to the object, as it is now; webhooks tell of it after the commit."""
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": self.api_version,
            "created": self.now,
            "data": {"object": json.loads(json.dumps(shown(document)))},
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": event_type,
        }
        self.events.append(event)

    def check_client_secret(self, document: Document) -> None:
        """A publishable key must show the object's secret; raises Stripe's error when it does not."""
        given = self.params.get("client_secret")
        if given is None:
            if self.publishable:
                raise StripeError(
                    "When authenticating with a publishable key, you must provide the `client_secret`.",
                    code="parameter_missing",
                    param="client_secret",
                )
        elif given != document["client_secret"]:
            raise missing(document["object"], document["id"], param="intent")


def shown(document: Document) -> Document:
    """The object without what the stand-in keeps for itself."""
    return {name: value for name, value in document.items() if not name.startswith(PRIVATE)}


Handler = Callable[..., Document]


@dataclass(frozen=True)
class Operation:
    """One call of the API: where it is, what it takes, who may make it and what answers it."""

    method: str
    path: str
    params: Struct
    handler: Handler
    publishable: bool = False


OPERATIONS: list[Operation] = []


def operation(
    method: str,
    path: str,
    params: dict[str, Any] | None = None,
    *,
    required: tuple[str, ...] = (),
    publishable: bool = False,
) -> Callable[[Handler], Handler]:
    """Registers the decorated handler `(call, **ids) → object` for a path such as `/v1/refunds/<refund>`."""

    def register(handler: Handler) -> Handler:
        OPERATIONS.append(Operation(method, path, Struct(params or {}, required), handler, publishable))
        return handler

    return register
