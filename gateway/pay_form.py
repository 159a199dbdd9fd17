"""What the pay form says when it comes back: read, bounded and checked, before anything is done with it."""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from contracts.billing import ApplyCredits
from contracts.payments import PayInvoices
from gateway.bill import MOST_PAID
from gateway.choice import Choice, MalformedForm, ids

NEW_CARD = "new"

_LONGEST_ID = 64
_LONGEST_METHOD = 255
_MOST_DIGITS = 11


class NoCard(ValueError):
    """The form names neither a saved card nor a payment method made in the browser."""


@dataclass(frozen=True)
class PayForm:
    """A pay form as it was submitted.

    `key` was made when it was rendered. `account` is the customer it was rendered for. The amounts are those that
    stood on the page: `amount_minor` for the card, `credits_minor` before it, and `excess_minor` of the card's that
    would become a credit, to which `agreed_to_excess` is the customer's yes. `invoice_ids` None: all that is owed.
    """

    key: str
    account: str
    amount_minor: int
    currency: str
    invoice_ids: tuple[str, ...] | None
    choice: Choice
    card_id: str | None
    payment_method: str | None
    save_card: bool
    credits_minor: int = 0
    excess_minor: int = 0
    agreed_to_excess: bool = False
    is_part: bool = False

    @classmethod
    def read(cls, fields: MultiDict[str, str]) -> "PayForm":
        """Read the submitted `fields`. MalformedForm, or NoCard when only the card is missing."""
        credits_minor = _amount(fields, "credits_minor", "0")
        amount_minor = _amount(fields, "amount_minor")
        if amount_minor + credits_minor == 0:
            raise MalformedForm("amount_minor")
        excess_minor = _amount(fields, "excess_minor", "0")
        card, method = fields.get("card", NEW_CARD), fields.get("payment_method", "").strip()
        if len(method) > _LONGEST_METHOD or len(card) > _LONGEST_ID:
            raise MalformedForm("card")
        uses_new_card = bool(method) or card == NEW_CARD
        if uses_new_card and not method and amount_minor:
            raise NoCard
        return cls(
            key=_identifier(fields, "key"),
            account=_identifier(fields, "account"),
            amount_minor=amount_minor,
            currency=_identifier(fields, "currency"),
            invoice_ids=None if fields.get("everything") else ids(fields.getlist("pays"), most=MOST_PAID),
            choice=Choice.read(fields),
            card_id=None if uses_new_card else card,
            payment_method=method or None,
            save_card=uses_new_card and bool(fields.get("save_card")),
            credits_minor=credits_minor,
            excess_minor=excess_minor,
            # Yes to this very amount: the box was ticked beside it.
            agreed_to_excess=fields.get("more") == str(excess_minor),
            is_part=bool(fields.get("part")),
        )

    def command(self, customer_id: str) -> PayInvoices:
        """The command that this form stands for. The same form makes the same command every time."""
        return PayInvoices(
            key=self.key,
            customer_id=customer_id,
            currency=self.currency,
            amount_minor=self.amount_minor,
            invoice_ids=self._invoices(),
            payment_method=self.payment_method,
            card_id=self.card_id,
            save_card=self.save_card,
            allow_overpayment=self.excess_minor > 0 and self.agreed_to_excess,
            allow_partial=self.is_part,
        )

    def credits_command(self, customer_id: str) -> ApplyCredits:
        """The command that puts credits on the invoices before the card is charged, under the form's key too."""
        return ApplyCredits(
            key=f"{self.key}:credits",
            customer_id=customer_id,
            currency=self.currency,
            amount_minor=self.credits_minor,
            invoice_ids=self._invoices(),
        )

    def _invoices(self) -> list[str] | None:
        return None if self.invoice_ids is None else list(self.invoice_ids)


def _amount(fields: MultiDict[str, str], name: str, default: str = "") -> int:
    amount = fields.get(name, default)
    # The length first: Python reads no number of thousands of digits.
    if len(amount) > _MOST_DIGITS or not amount.isascii() or not amount.isdigit():
        raise MalformedForm(name)
    return int(amount)


def _identifier(fields: MultiDict[str, str], name: str) -> str:
    value = fields.get(name, "")
    if not value or len(value) > _LONGEST_ID:
        raise MalformedForm(name)
    return value
