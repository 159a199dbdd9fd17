"""Identifiers as Stripe makes them: a prefix that tells the kind, then 24 letters and digits."""

import uuid

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def new_id(prefix: str, *, length: int = 24) -> str:
    """A new random identifier, such as `pi_3MtwBwLkdIwHu7ix28a3tqPa`."""
    letters = []
    number = uuid.uuid4().int << 16 | uuid.uuid4().int & 0xFFFF
    for _ in range(length):
        number, index = divmod(number, 62)
        letters.append(ALPHABET[index])
    return f"{prefix}_{''.join(letters)}"
