"""Addresses in an e-mail's header, and on its envelope."""

from email.headerregistry import Address
from email.utils import parseaddr

from email_validator import EmailNotValidError, validate_email

from services.notify.domain.header_text import one_line


def envelope_address(address: str) -> str:
    """The form in which mail servers know an address: ASCII wherever there is such a form. Raises ValueError."""
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"{address!r} is not an e-mail address: {error}") from None
    return checked.ascii_email or checked.normalized


def header_address(name: str, address: str) -> Address:
    """Name and address for a header; the name loses whatever could end the header's line. Raises ValueError."""
    # By its halves: given whole, the standard library refuses a mailbox name outside ASCII.
    mailbox, _, domain = envelope_address(address).rpartition("@")
    return Address(display_name=one_line(name), username=mailbox, domain=domain)


def sender_address(text: str, default_name: str) -> Address:
    """From `Name <address>`, or an address alone, which gets the default name. Raises ValueError."""
    name, address = parseaddr(text)
    return header_address(name or default_name, address)


def check_sender(text: str) -> None:
    """Raise ValueError unless `text` is `Name <address>` or an address."""
    try:
        sender_address(text, "")
    except ValueError:
        raise ValueError("not an e-mail address, nor a name with one: Green Acres <office@example.com>") from None
