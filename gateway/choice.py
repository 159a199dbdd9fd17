"""What the customer chose on the Pay page: read, bounded, and told apart from other choices."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from werkzeug.datastructures import MultiDict

MOST_CHOSEN = 100
"""Invoices that can be chosen for one payment; their ids travel in an address."""

ALL, PAST_DUE, CHOSEN, AMOUNT = "all", "past-due", "chosen", "amount"

_LONGEST_ID = 64
_LONGEST_AMOUNT = 100


class MalformedForm(ValueError):
    """The form or the address is not one that the pay page made."""


@dataclass(frozen=True)
class Choice:
    """What is to be paid.

    `invoices` are those ticked: they are paid alone, and with `AMOUNT` they get it; without any it goes to the oldest
    due. `amount` is as it was typed. `use_credits`: open credits go on the invoices before the card is charged.
    """

    what: str = ALL
    invoices: tuple[str, ...] = ()
    amount: str = ""
    use_credits: bool = False

    @classmethod
    def read(cls, fields: MultiDict[str, str]) -> "Choice":
        """Read the `fields` of an address or a form. Ticked invoices without a word about them are chosen."""
        ticked = ids(fields.getlist("invoice"))
        what = fields.get("what") or (CHOSEN if ticked else ALL)
        if what not in (ALL, PAST_DUE, CHOSEN, AMOUNT):
            raise MalformedForm("what")
        return cls(
            what=what,
            invoices=ticked if what in (CHOSEN, AMOUNT) else (),
            amount=fields.get("amount", "").strip()[:_LONGEST_AMOUNT] if what == AMOUNT else "",
            use_credits=bool(fields.get("credits")),
        )

    @property
    def is_plain(self) -> bool:
        """Whole invoices, by card alone."""
        return self.what != AMOUNT and not self.use_credits

    def digest(self) -> str:
        """A fingerprint: a form whose choice has another one than what was shown has not been agreed to."""
        # The list ticks in another order than the page does; the choice is the same.
        facts = (self.what, sorted(self.invoices), self.amount, self.use_credits)
        return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:16]

    def address(self) -> dict[str, Any]:
        """The parameters of the Pay page on which this is chosen."""
        says_so_itself = self.what == ALL or (self.what == CHOSEN and self.invoices)
        return {
            "what": None if says_so_itself else self.what,
            "invoice": list(self.invoices) or None,
            "amount": self.amount or None,
            "credits": "1" if self.use_credits else None,
        }


def ids(values: Sequence[str], *, most: int = MOST_CHOSEN) -> tuple[str, ...]:
    """Invoice ids from an address or a form, each once, in order; MalformedForm for too many or too long ones."""
    found = tuple(dict.fromkeys(value for value in values if value))
    if len(found) > most or any(len(each) > _LONGEST_ID for each in found):
        raise MalformedForm("invoice")
    return found
