"""Identifiers: UUIDs of version 7 as strings, so that newer ones sort after older ones."""

import uuid_utils


def new_id() -> str:
    """A new UUIDv7 (RFC 9562). Ids made by one process sort in the order in which they were made."""
    return str(uuid_utils.uuid7())
