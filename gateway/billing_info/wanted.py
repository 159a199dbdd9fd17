"""What the Billing Info page is asked to show, by its address or by a form that comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from gateway.billing_info.blueprint import AUTO_PAY, CARDS
from gateway.pay_form import NEW_CARD

Purpose = Literal["save", "turn-on", "change"]
"""Why a card is entered: to be kept, to turn auto-pay on with, or to give auto-pay another one."""

_PURPOSES: tuple[Purpose, ...] = ("save", "turn-on", "change")
_LONGEST_ID = 64
_LONGEST_TYPED = 100


@dataclass(frozen=True)
class Wanted:
    """`entry` is the place where a card is entered; `card_id` the one chosen there, at the first Submit.

    `declined` is the setup that has just failed. `maximum`, `pay_balance` and `problems` belong to the second Submit:
    what was typed there, and by the name of its field what is wrong with it.
    """

    entry: Purpose | None = None
    card_id: str | None = None
    declined: str | None = None
    maximum: str = ""
    pay_balance: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, values: MultiDict[str, str]) -> "Wanted":
        """From an address or a form; what makes no sense is not wanted."""
        return cls(
            entry=purpose_of(values.get("enter", "")),
            card_id=None if values.get("card") == NEW_CARD else _identifier(values.get("card")),
            declined=_identifier(values.get("declined")),
            maximum=values.get("maximum", "").strip()[:_LONGEST_TYPED],
            pay_balance=bool(values.get("pay_balance")),
        )

    @property
    def path(self) -> str:
        """The address that shows this again."""
        values: dict[str, Any] = {
            "enter": self.entry,
            "card": self.card_id,
            "maximum": self.maximum or None,
            "pay_balance": "1" if self.pay_balance else None,
        }
        return url_for("billing_info.show", _anchor=place_of(self.entry) if self.entry else None, **values)


def purpose_of(text: str) -> Purpose | None:
    """The purpose of that name."""
    return next((purpose for purpose in _PURPOSES if purpose == text), None)


def place_of(purpose: Purpose | None) -> str:
    """The section of the page where a card for this purpose is entered."""
    return CARDS if purpose == "save" else AUTO_PAY


def back_to_the_form() -> str:
    """Where log-in leads back to: the page as it was when the button was pressed, the consent excepted."""
    return Wanted.read(request.form).path


def _identifier(text: str | None) -> str | None:
    return text if text and len(text) <= _LONGEST_ID and text.isprintable() else None
