"""A customer's contact data: what an imported row may say, and what a change of it means."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from contracts.identity import CustomerRow
from services.identity.domain import email_addresses, text_fields
from services.identity.domain.email_addresses import BadAddress, EmailAddress
from services.identity.domain.text_fields import BadText

LONGEST_REFERENCE = 100
LONGEST_NAME = 200
LONGEST_PHONE = 40
LONGEST_ADDRESS = 500
SHORTEST_NUMBER, LONGEST_NUMBER = 7, 18
"""Digits of a telephone number: without an area code, and of fifteen (ITU-T E.164) with an extension."""
_NAMES = {"email": "e-mail address"}


class BadRow(ValueError):
    """A row that cannot be imported; `field` is at fault and the message is a sentence about it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How a customer is called and reached."""

    name: str
    email: EmailAddress | None = None
    phone: str | None = None
    address: str | None = None

    def written(self) -> dict[str, str | None]:
        """Its fields as text, as they are kept where nothing is looked up by them."""
        return {
            "name": self.name,
            "email": self.email.written if self.email else None,
            "phone": self.phone,
            "address": self.address,
        }


@dataclass(frozen=True, kw_only=True)
class ContactChange:
    """A checked row. A field that is None leaves what is on file, an empty one removes it."""

    reference: str
    name: str | None = None
    email: EmailAddress | None = None
    removes_email: bool = False
    phone: str | None = None
    address: str | None = None

    def applied_to(self, contact: Contact | None) -> Contact:
        """Return the contact data after the change. A new customer without a name goes by the reference."""
        before = contact or Contact(name=self.reference)
        after = replace(before, name=self.name or before.name)
        if self.email is not None or self.removes_email:
            after = replace(after, email=self.email)
        if self.phone is not None:
            after = replace(after, phone=self.phone or None)
        if self.address is not None:
            after = replace(after, address=self.address or None)
        return after

    def beyond(self, said: Mapping[str, Any]) -> "ContactChange":
        """Return what this says beyond `said`, which the business had said before the customer changed something.

        A file that is imported again still has what the customer has changed since: it is no news.
        """
        email = self.email.written if self.email else None
        return replace(
            self,
            name=None if self.name == said["name"] else self.name,
            email=None if email == said["email"] else self.email,
            removes_email=self.removes_email and said["email"] is not None,
            phone=None if (self.phone or None) == said["phone"] else self.phone,
            address=None if (self.address or None) == said["address"] else self.address,
        )


def read_row(row: CustomerRow) -> ContactChange:
    """Check every field of a row to import, or raise `BadRow` for the first that is wrong."""
    reference = _text("reference", row.reference, longest=LONGEST_REFERENCE)
    if not reference:
        raise BadRow("reference", "The reference is empty.")
    name = _text("name", row.name, longest=LONGEST_NAME)
    if name == "":
        raise BadRow("name", "The name is empty.")
    return ContactChange(
        reference=reference,
        name=name,
        email=_email(row.email),
        removes_email=row.email is not None and not row.email.strip(),
        phone=_text("phone", row.phone, longest=LONGEST_PHONE),
        address=_text("address", row.address, longest=LONGEST_ADDRESS, multiline=True),
    )


def read_own(*, reference: str, name: str, phone: str, address: str) -> ContactChange:
    """Check what a customer says of itself, or raise `BadRow` for the first field that is wrong."""
    change = read_row(CustomerRow(row=0, reference=reference, name=name, phone=phone, address=address))
    if change.phone and not SHORTEST_NUMBER <= sum(character.isdigit() for character in change.phone) <= LONGEST_NUMBER:
        raise BadRow("phone", "This does not look like a telephone number.")
    return change


def _text(field: str, value: str | None, *, longest: int, multiline: bool = False) -> str | None:
    if value is None:
        return None
    try:
        return text_fields.clean(value, longest=longest, multiline=multiline)
    except BadText as error:
        raise BadRow(field, f"The {_NAMES.get(field, field)} cannot be kept: {error}.") from None


def _email(value: str | None) -> EmailAddress | None:
    if value is None or not value.strip():
        return None
    _text("email", value, longest=email_addresses.LONGEST)
    try:
        return email_addresses.parse(value)
    except BadAddress as error:
        raise BadRow("email", f"The e-mail address {value.strip()!r} is not valid: {error}.") from None
