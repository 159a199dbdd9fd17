"""The customer's saved cards."""

from contracts.wire import Command, View


class CardView(View):
    """A saved card. Its number never reaches us; the id is our own."""

    card_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    is_default: bool = False


class CardsView(View):
    """The customer's saved cards, and the smallest amount the provider charges, in minor units."""

    cards: list[CardView]
    currency: str
    minimum_minor: int


class ListCards(Command[CardsView]):
    """The cards that the customer has saved."""

    customer_id: str
