"""Form bodies as Stripe's libraries write them: `card[number]=…`, `expand[]=…`, `expand[0]=…`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.errors import StripeError

FIELDS_MAX = 1_000
KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
PART = re.compile(r"\[([^\[\]]*)\]")


def decode(encoded: str) -> dict[str, Any]:
    """Nested dicts of strings; the places of a list are keys "0", "1", … Raises StripeError on what is malformed."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except ValueError as error:
        raise StripeError("Invalid request: the body could not be decoded as a form.") from error
    decoded: dict[str, Any] = {}
    for key, value in pairs:
        match = KEY.match(key)
        if match is None:
            raise StripeError(f"Invalid parameter name: {key}", param=key)
        parts = [match[1], *PART.findall(match[2])]
        place = decoded
        for part in parts[:-1]:
            place = place.setdefault(part if part else str(len(place)), {})
            if not isinstance(place, dict):
                raise StripeError(f"Invalid parameter: {key} is both a value and an object", param=key)
        last = parts[-1] if parts[-1] else str(len(place))
        place[last] = value
    return decoded
