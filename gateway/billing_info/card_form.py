"""What the form under card entry says when it comes back."""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from gateway.billing_info.wanted import Purpose, purpose_of
from gateway.choice import MalformedForm
from gateway.pay_form import NEW_CARD, NoCard

_LONGEST_ID = 64
_LONGEST_METHOD = 255


@dataclass(frozen=True)
class CardForm:
    """One of `card_id` (saved) and `payment_method` (made in the browser). `key` was made when it was rendered."""

    key: str
    account: str
    purpose: Purpose
    card_id: str | None
    payment_method: str | None

    @classmethod
    def read(cls, fields: MultiDict[str, str]) -> "CardForm":
        """Read the submitted `fields`. MalformedForm, or NoCard when only the card is missing."""
        key, account = fields.get("key", ""), fields.get("account", "")
        card, method = fields.get("card", NEW_CARD), fields.get("payment_method", "").strip()
        purpose = purpose_of(fields.get("enter", ""))
        if purpose is None or not 0 < len(key) <= _LONGEST_ID or not 0 < len(account) <= _LONGEST_ID:
            raise MalformedForm("key, account or purpose")
        if len(card) > _LONGEST_ID or len(method) > _LONGEST_METHOD:
            raise MalformedForm("card")
        is_new = bool(method) or card == NEW_CARD or purpose == "save"
        if is_new and not method:
            raise NoCard
        return cls(key, account, purpose, None if is_new else card, method if is_new else None)
