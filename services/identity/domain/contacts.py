"""A customer's contact data: what an imported row may say, and what a change of it means."""

from dataclasses import dataclass, replace

from contracts.identity import CustomerRow
from services.identity.domain import email_addresses, text_fields
from services.identity.domain.email_addresses import BadAddress, EmailAddress
from services.identity.domain.text_fields import BadText

LONGEST_REFERENCE = 100
LONGEST_NAME = 200
LONGEST_PHONE = 40
LONGEST_ADDRESS = 500
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
