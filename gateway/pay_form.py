"""What the pay form says when it comes back: read, bounded and checked, before anything is done with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from contracts.payments import PayInvoices
from gateway.bill import MOST_CHOSEN, MOST_PAID

NEW_CARD = "new"

_LONGEST_ID = 64
_LONGEST_METHOD = 255
_MOST_DIGITS = 11


class MalformedForm(ValueError):
    """The form is not one that the pay page made."""


class NoCard(ValueError):
    """The form names neither a saved card nor a payment method made in the browser."""


@dataclass(frozen=True)
class PayForm:
    """A pay form as it was submitted.

    `key` was made when it was rendered. `account` is the customer it was rendered for. `invoice_ids` None: all that
    is owed. `chosen` are the invoices that the customer had picked, to come back to the same page.
    """

    key: str
    account: str
    amount_minor: int
    currency: str
    invoice_ids: tuple[str, ...] | None
    chosen: tuple[str, ...]
    card_id: str | None
    payment_method: str | None
    save_card: bool

    @classmethod
    def read(cls, fields: MultiDict[str, str]) -> "PayForm":
        """Read the submitted `fields`. MalformedForm, or NoCard when only the card is missing."""
        amount = fields.get("amount_minor", "")
        # The length first: Python reads no number of thousands of digits.
        if len(amount) > _MOST_DIGITS or not amount.isascii() or not amount.isdigit() or int(amount) == 0:
            raise MalformedForm("amount_minor")
        card, method = fields.get("card", NEW_CARD), fields.get("payment_method", "").strip()
        if len(method) > _LONGEST_METHOD or len(card) > _LONGEST_ID:
            raise MalformedForm("card")
        uses_new_card = bool(method) or card == NEW_CARD
        if uses_new_card and not method:
            raise NoCard
        return cls(
            key=_identifier(fields, "key"),
            account=_identifier(fields, "account"),
            amount_minor=int(amount),
            currency=_identifier(fields, "currency"),
            invoice_ids=None if fields.get("everything") else ids(fields.getlist("pays"), most=MOST_PAID),
            chosen=ids(fields.getlist("invoice")),
            card_id=None if uses_new_card else card,
            payment_method=method or None,
            save_card=uses_new_card and bool(fields.get("save_card")),
        )

    def command(self, customer_id: str) -> PayInvoices:
        """The command that this form stands for. The same form makes the same command every time."""
        return PayInvoices(
            key=self.key,
            customer_id=customer_id,
            currency=self.currency,
            amount_minor=self.amount_minor,
            invoice_ids=None if self.invoice_ids is None else list(self.invoice_ids),
            payment_method=self.payment_method,
            card_id=self.card_id,
            save_card=self.save_card,
        )


def ids(values: Sequence[str], *, most: int = MOST_CHOSEN) -> tuple[str, ...]:
    """Invoice ids from an address or a form, each once, in order; MalformedForm for too many or too long ones."""
    found = tuple(dict.fromkeys(value for value in values if value))
    if len(found) > most or any(len(each) > _LONGEST_ID for each in found):
        raise MalformedForm("invoice")
    return found


def _identifier(fields: MultiDict[str, str], name: str) -> str:
    value = fields.get(name, "")
    if not value or len(value) > _LONGEST_ID:
        raise MalformedForm(name)
    return value
