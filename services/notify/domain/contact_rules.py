"""Writing to the business: what may be written, how often, and what looks like a program's writing."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email

from contracts.notify import Suspicion
from services.notify.domain.header_text import one_line

LONGEST_MESSAGE = 5000
LONGEST_TOPIC = 120
LONGEST_NAME = 200
LONGEST_EMAIL = 254
LONGEST_PHONE = 40

COUNTED_WITHIN = timedelta(hours=1)
MOST_OF_A_CUSTOMER = 10
MOST_OF_A_VISITOR = 5
MOST_OF_AN_ADDRESS = 5
MOST_OF_A_NETWORK = 20
"""Within the hour. A network (an IPv4 address, a /64 of IPv6) may be a whole office; whoever is signed in is counted
by the customer alone.
"""

_QUICKEST_S = 3
_MOST_LINKS = 3
_INVISIBLE = ("Cc", "Cs", "Co")
_LINK = re.compile(r"https?://|www\.|\[url", re.IGNORECASE)


class BadField(ValueError):
    """A field cannot be kept; `field` names it and the message says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Written:
    """A message, its fields checked. `email` is empty where none is known."""

    message: str
    topic: str
    name: str
    email: str
    phone: str


def read(*, message: str, topic: str, name: str, email: str, phone: str, is_signed_in: bool) -> Written:
    """Check what was written. Whoever is signed in need not say who it is. Raises BadField."""
    message = _plain(message)
    if not message:
        raise BadField("message", "Write your message here.")
    if len(message) > LONGEST_MESSAGE:
        raise BadField("message", f"This is longer than {LONGEST_MESSAGE} characters. Please shorten it.")
    name, phone, topic = (one_line(each) for each in (name, phone, topic))
    if not name and not is_signed_in:
        raise BadField("name", "Tell us your name.")
    for field, value, longest in (
        ("topic", topic, LONGEST_TOPIC),
        ("name", name, LONGEST_NAME),
        ("phone", phone, LONGEST_PHONE),
    ):
        if len(value) > longest:
            raise BadField(field, f"This is longer than {longest} characters. Please shorten it.")
    return Written(message=message, topic=topic, name=name, email=_address(email, is_signed_in), phone=phone)


def suspicions(*, message: str, trap: str, open_s: int | None) -> list[Suspicion]:
    """Why a message of somebody who is not signed in looks like a program's."""
    found: list[Suspicion] = []
    if trap.strip():
        found.append("trap_filled")
    if open_s is None:
        found.append("no_clock")
    elif open_s < _QUICKEST_S:
        found.append("too_fast")
    if len(_LINK.findall(message)) > _MOST_LINKS:
        found.append("many_links")
    return found


def address_key(email: str) -> str:
    """What addresses are compared by, as identity compares them."""
    return unicodedata.normalize("NFC", email.strip().casefold())[:LONGEST_EMAIL]


def _plain(text: str) -> str:
    """Text without what cannot be seen; line breaks stay."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    seen = (each for each in text if each == "\n" or unicodedata.category(each) not in _INVISIBLE)
    return "".join(seen).strip()


def _address(email: str, is_signed_in: bool) -> str:
    email = email.strip()
    if not email:
        if is_signed_in:
            return ""
        raise BadField("email", "Tell us your e-mail address, so that we can answer.")
    try:
        checked = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise BadField("email", "This does not look like an e-mail address, such as ana@example.com.") from None
    if len(checked.normalized) > LONGEST_EMAIL:
        raise BadField("email", "This e-mail address is too long.")
    return checked.normalized
