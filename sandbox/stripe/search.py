"""Stripe's search language over payment intents, as SQL. Source: Stripe's documentation, "Search query language"."""

import base64
import re
from typing import Any

from sandbox.stripe.errors import StripeError

CLAUSES_MAX = 10
TEXT_FIELDS = ("currency", "customer", "status")
NUMBER_FIELDS = ("amount", "created")
QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
CLAUSE = re.compile(
    rf"\s*(?P<negated>-)?(?P<field>[a-z_]+)(?:\[(?P<key>{QUOTED})\])?\s*(?P<operator>:|>=|<=|>|<)\s*"
    rf"(?:(?P<null>null)|(?P<text>{QUOTED})|(?P<number>\d+))\s*",
    re.IGNORECASE,
)
JOINT = re.compile(r"(AND|OR)\b|(?=\S)", re.IGNORECASE)


def compiled(query: str) -> tuple[str, list[Any]]:
    """The query as an SQL condition over `body` with its values. Raises Stripe's error for what it cannot read."""
    conditions: list[str] = []
    values: list[Any] = []
    joints: set[str] = set()
    position = 0
    while position < len(query):
        if conditions:
            joint = JOINT.match(query, position)
            joints.add((joint[1] or "AND").upper() if joint else "AND")
            position = joint.end() if joint else position
        match = CLAUSE.match(query, position)
        if match is None or len(conditions) >= CLAUSES_MAX:
            raise _unreadable(query)
        condition, bound = _clause(match, query)
        conditions.append(condition)
        values.extend(bound)
        position = match.end()
    if not conditions or len(joints) > 1:
        raise _unreadable(query)
    return f" {joints.pop() if joints else 'AND'} ".join(conditions), values


def offset(token: str | None) -> int:
    """Where the page of a `next_page` token starts."""
    if token is None:
        return 0
    try:
        return max(0, int(base64.urlsafe_b64decode(token.encode())))
    except ValueError as error:
        raise StripeError("Invalid page token.", param="page") from error


def page_token(start: int) -> str:
    """The token of the page that starts there."""
    return base64.urlsafe_b64encode(str(start).encode()).decode()


def _clause(match: re.Match[str], query: str) -> tuple[str, list[Any]]:
    name, operator = match["field"].lower(), match["operator"]
    key = _unquoted(match["key"]) if match["key"] else None
    text = _unquoted(match["text"]) if match["text"] else match["number"]
    if name == "metadata" and key is not None and operator == ":":
        path = f'$.metadata."{key}"' if '"' not in key else ""
        column, value = "json_extract(body, ?)", text
        bound: list[Any] = [path]
        if not path:
            raise _unreadable(query)
    elif name in TEXT_FIELDS and key is None and operator == ":":
        column, value, bound = f"json_extract(body, '$.{name}')", text, []
    elif name in NUMBER_FIELDS and key is None and text is not None and text.isdigit():
        column, value, bound = f"json_extract(body, '$.{name}')", int(text), []
    else:
        raise _unreadable(query)
    if match["null"]:
        condition = f"{column} IS NULL"
    else:
        condition = f"{column} {'=' if operator == ':' else operator} ?"
        bound.append(value)
    return (f"NOT ifnull({condition}, 0)" if match["negated"] else condition), bound


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _unreadable(query: str) -> StripeError:
    return StripeError(
        f"We were unable to parse your search query: {query[:200]}. Please check the documentation at "
        "https://stripe.com/docs/search#search-query-language.",
        param="query",
    )
