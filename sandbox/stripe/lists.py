"""Lists of objects, newest first, in pages named by the ids at their ends."""

from collections.abc import Sequence
from typing import Any

from sandbox.documents import Document
from sandbox.stripe.call import Call, shown
from sandbox.stripe.errors import StripeError

LIMIT = 10
OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def listed(
    call: Call,
    kind: str,
    *,
    url: str,
    owner: str | None = None,
    where: str = "",
    values: Sequence[Any] = (),
) -> Document:
    """The page that the call's limit, starting_after and ending_before ask for."""
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after is not None and before is not None:
        raise StripeError("You may only specify one of these parameters: starting_after, ending_before.")
    for param, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None:
            call.find(kind, cursor, param=param, status=400)
    clauses, bound = [where] if where else [], [*values]
    for name, moment in call.params.get("created", {}).items():
        clauses.append(f"json_extract(body, '$.created') {OPERATORS[name]} ?")
        bound.append(moment)
    documents, has_more = call.documents.page(
        kind,
        limit=call.params.get("limit", LIMIT),
        owner=owner,
        after=after,
        before=before,
        where=" AND ".join(clauses),
        values=bound,
    )
    return page(url, documents, has_more=has_more)


def page(url: str, documents: list[Document], *, has_more: bool) -> Document:
    """A list object."""
    return {
        "object": "list",
        "data": [shown(document) for document in documents],
        "has_more": has_more,
        "url": url,
    }
