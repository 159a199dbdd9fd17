"""Opaque cursors for keyset pages: the sort key of the last row, as text that a caller hands back unread."""

import base64
import binascii
from datetime import date, time
from typing import Any

import msgspec

from contracts.codes import INVALID
from contracts.wire import Refused


def write_cursor(*key: str | int | date | time) -> str:
    """The cursor after a row whose sort key is `key`."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def read_cursor(cursor: str | None, *types: type) -> tuple[Any, ...] | None:
    """The sort key in a cursor, its parts of `types`; None for none. Raises `Refused` for one that is not ours."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key: tuple[Any, ...] = msgspec.json.decode(raw, type=tuple[types])  # type: ignore[valid-type]
        if not all(map(_can_be_compared, key)):
            raise ValueError("a database cannot compare this")
        return key
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise Refused(
            INVALID, "This page no longer exists. Please start from the first one.", field="cursor"
        ) from error


def _can_be_compared(part: Any) -> bool:
    """Whether a database takes the value: a text without NUL, a number of 64 bits."""
    if isinstance(part, str):
        return "\0" not in part
    return not isinstance(part, int) or abs(part) < 2**63
