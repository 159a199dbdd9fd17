"""Received money that left again: refunds, and disputes that the customer's bank has opened."""

from datetime import date
from typing import Literal

from contracts.wire import Event, View

ReturnKind = Literal["refund", "dispute"]
ReturnState = Literal["returned", "restored"]
"""`restored`: the money is back with the business (a dispute that was won, a refund that failed)."""


class ReturnView(View):
    """Part of a payment that left again, in minor units. `effective_on` is the day on which it left."""

    return_id: str
    kind: ReturnKind
    state: ReturnState
    amount_minor: int
    effective_on: date


class MoneyReturned(Event):
    """Part of a received payment has left: sent back, or withdrawn by the customer's bank. Once for each `return_id`.

    Together the returns of a payment are never more than it was. billing takes the amount from the payment's unspent
    credit, then from where spent credit went, then from its invoices, the newest allocation first (product, "refund",
    "dispute").
    """

    return_id: str
    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
    kind: ReturnKind
    effective_on: date
    card_brand: str | None
    card_last4: str | None


class MoneyRestored(Event):
    """What had been returned is with the business again: a dispute that was won, or a refund that failed.

    It goes to what its return reopened, as far as that is still open; the rest becomes credit.
    """

    return_id: str
    payment_id: str
    customer_id: str
    currency: str
    amount_minor: int
    kind: ReturnKind
    effective_on: date
