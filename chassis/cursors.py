"""Opaque cursors for keyset pages: the sort key of the last row, as text that a caller hands back unread."""

import base64
import binascii
from datetime import date
from typing import Any

import msgspec

from contracts.codes import INVALID
from contracts.wire import Refused


def write_cursor(*key: str | int | date) -> str:
    """The cursor after a row whose sort key is `key`."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def read_cursor(cursor: str | None, *types: type) -> tuple[Any, ...] | None:
    """The sort key in a cursor, its parts of `types`; None for none. Raises `Refused` for one that is not ours."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=tuple[types])  # type: ignore[valid-type]
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise Refused(
            INVALID, "This page no longer exists. Please start from the first one.", field="cursor"
        ) from error
