"""The customer's saved cards."""

from typing import Literal

from contracts.payments.paying import Decline
from contracts.wire import Command, View

CardSetupState = Literal["created", "requires_action", "succeeded", "failed", "cancelled", "unknown"]

MOST_CARDS = 20
"""So many cards a customer can keep; another one is refused with `limit_reached`."""

_BRAND_NAMES = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "unknown": "Card",
}


def brand_name(brand: str | None) -> str:
    """A card's brand as people know it, from Stripe's code for it: `amex` is "American Express"; None is "Card"."""
    return _BRAND_NAMES.get(brand or "unknown") or str(brand).replace("_", " ").title()


class CardView(View):
    """A saved card. Its number never reaches us; the id is our own.

    `expired`: its last month is over, by the business's date. `pays_automatically`: auto-pay charges this card.
    """

    card_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    is_default: bool = False
    expired: bool = False
    pays_automatically: bool = False


class CardsView(View):
    """The customer's saved cards, and the smallest amount the provider charges, in minor units."""

    cards: list[CardView]
    currency: str
    minimum_minor: int


class CardSetupView(View):
    """How the adding of a card stands. `card` is there once it is saved; `was_saved_before` when it had been already.

    `client_secret` is there only in `requires_action`, for the browser's 3-D Secure step. `settled` is false while
    the card may still become a saved one. `decline` says why the bank did not allow it (state `failed`).
    """

    setup_id: str
    customer_id: str
    state: CardSetupState
    card: CardView | None = None
    was_saved_before: bool = False
    decline: Decline | None = None
    client_secret: str | None = None
    settled: bool = True


class ListCards(Command[CardsView]):
    """The cards that the customer has saved, the default first."""

    customer_id: str


class AddCard(Command[CardSetupView]):
    """Save a card without paying, so that it can be charged later without its holder (auto-pay).

    `payment_method` was made in the browser, `key` when the form was rendered: the same key never adds two. The same
    card again replaces what was saved of it. A decline is an answer (state `failed`), not an error. Refused with
    `limit_reached`, `key_reused`, `invalid`.
    """

    key: str
    customer_id: str
    payment_method: str


class ContinueCardSetup(Command[CardSetupView]):
    """See where the adding of a card stands and finish it, after the customer's 3-D Secure step for example.

    Refused `not_found`, for another customer's too.
    """

    customer_id: str
    setup_id: str


class CancelCardSetup(Command[CardSetupView]):
    """Give up adding a card that waits for the customer. If the bank was faster the answer says that it is saved."""

    customer_id: str
    setup_id: str


class MakeCardDefault(Command[CardsView]):
    """Offer this card first from now on. Refused `not_found`."""

    customer_id: str
    card_id: str


class RemoveCard(Command[CardsView]):
    """Forget a card here and at the provider: nothing is charged to it any more. Repeating it changes nothing.

    Refused `card_in_use` while auto-pay charges it, unless the customer said yes to pausing auto-pay
    (`pause_auto_pay`); `wrong_state` while a payment with it is on its way; `not_found`.
    """

    customer_id: str
    card_id: str
    pause_auto_pay: bool = False
