"""E-mail addresses: which ones are real, and when two are the same."""

import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

LONGEST = 254
"""Characters of an address that mail servers carry (RFC 5321 §4.5.3.1.3)."""


class BadAddress(ValueError):
    """Not an e-mail address; the message says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class EmailAddress:
    """An address as it is written to, and the `key` under which it is the same as every other spelling of it."""

    written: str
    key: str


def parse(text: str) -> EmailAddress:
    """Read an address, or raise `BadAddress`. Looks nothing up on the network.

    The part before the @ may differ between capitals by the letter of RFC 5321, which no mailbox provider does:
    two customers told apart by a capital letter would be one person.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise BadAddress(f"it is longer than {LONGEST} characters")
    try:
        # `test_environment` lets the domain .test through, which RFC 2606 keeps for trying things out.
        checked = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise BadAddress(str(error).rstrip(".")) from None
    address = EmailAddress(written=checked.normalized, key=key_of(checked.normalized))
    if len(address.key) > LONGEST:  # Some letters become two when written small.
        raise BadAddress(f"it is longer than {LONGEST} characters")
    return address


def key_of(address: str) -> str:
    """What addresses are compared by. Links and messages always go to the address on file, never to a key."""
    return unicodedata.normalize("NFC", address.strip().casefold())
