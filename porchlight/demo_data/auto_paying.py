"""Customers of the demo with auto-pay: one whose next invoices are charged, one whose card has just been declined.

The cards have names that Stripe's test mode and the sandbox know. Real keys do not know them, and Stripe may be away:
the business is whole without.
"""

from contextlib import suppress

from contracts.payments import AddCard, EnrollAutoPay
from contracts.wire import Refused
from porchlight.connection import CALL_TIMEOUT_S, Services

WORDS = "I agree that Green Acres Lawn Care may charge my card for my invoices when they are due, until I turn it off."

WITH_AUTO_PAY = {"GA-1012": "pm_card_mastercard", "GA-1010": "pm_card_chargeCustomerFail"}
"""By reference, with their cards. The second one can be saved, and is declined when it is charged."""


def turn_on(services: Services, customer_ids: dict[str, str]) -> None:
    """Turn auto-pay on for them, with what they owe; nobody is written to about that. Repeating it changes nothing."""
    for reference, payment_method in WITH_AUTO_PAY.items():
        with suppress(Refused):
            _turn_on(services, customer_ids[reference], payment_method)


def _turn_on(services: Services, customer_id: str, payment_method: str) -> None:
    adding = AddCard(key="demo:auto-pay:card", customer_id=customer_id, payment_method=payment_method)
    card = services.caller.call(adding, timeout_s=CALL_TIMEOUT_S).card
    if card is None:
        return
    enrolment = EnrollAutoPay(
        key="demo:auto-pay",
        customer_id=customer_id,
        card_id=card.card_id,
        consent_text=WORDS,
        consent_version="demo",
        maximum_minor=100_000,
        include_balance=True,
        source="import",
        origin="import",
    )
    services.caller.call(enrolment, timeout_s=CALL_TIMEOUT_S)
